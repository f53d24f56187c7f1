"""What the page's socket and the API's have in common from their first to their last moment."""

from collections.abc import Iterator
from contextlib import contextmanager

from simple_websocket import ConnectionClosed
from sqlalchemy.exc import SQLAlchemyError

from app.live import rights
from app.live.api_viewer import ApiViewer
from app.live.hub import Hub
from app.live.page_viewer import PageViewer
from app.live.sockets import TRY_AGAIN_LATER

SLACK = 5.0  # seconds of events that are sent again rather than not at all


@contextmanager
def serving(hub: Hub, viewer: PageViewer | ApiViewer) -> Iterator[None]:
    """Serve until the client goes; tell why, where it is sent away; then let the hub forget it."""
    try:
        yield
    except ConnectionClosed:
        pass
    except rights.Denied as denied:
        viewer.outbox.close(denied.code, denied.reason)
    except SQLAlchemyError:
        viewer.outbox.close(TRY_AGAIN_LATER, "The database does not answer")
    finally:
        viewer.outbox.stop()
        hub.leave(viewer)
