"""WebSockets: the page's own, and the original's JSON messages."""

from collections.abc import Collection
from functools import partial

from flask import Flask
from simple_websocket import ConnectionError
from wsproto.utilities import ProtocolError

from app.extensions import connect
from app.live import api_ws, page, rights
from app.live.hub import WAIT_MS, Hub
from app.services.live_events import Stored

BLUEPRINTS = (page.bp, api_ws.bp)
for each in BLUEPRINTS:
    each.register_error_handler(ProtocolError, rights.bad_handshake)
    each.register_error_handler(ConnectionError, rights.bad_handshake)


def init_app(app: Flask) -> None:
    """Nothing runs until somebody watches: the reader belongs to the process that serves him."""

    def look(run_ids: Collection[int]) -> dict[int, Stored]:
        with app.app_context():
            return rights.look(run_ids)

    # A host that has vanished without a word is noticed when an answer is overdue.
    waiting = partial(connect, app.config["HELIOGRAPH"], socket_timeout=WAIT_MS / 1000 + 5)
    app.extensions["live_hub"] = Hub(app.extensions["redis"], waiting, look)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
