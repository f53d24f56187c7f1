"""What people are told of their runs, outside of this server."""

from app.errors import Busy
from app.models import Project


def send_test(project: Project) -> None:
    """Send a message to try the channels of a project.

    Raises Busy, which clients know for this, where nobody would get it.
    """
    if not project.alert:
        raise Busy("Alerts are off in this project")
    raise Busy("This server has no channel for alerts")
