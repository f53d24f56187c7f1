from flask import Blueprint
from flask_login import current_user

from app.api.wire import dump_all
from app.guard import SIGNED_IN, Permission, requires
from app.models import Project
from app.schemas.events import EventOut
from app.services import events

bp = Blueprint("api_events", __name__)


@bp.get("/events")
@bp.get("/events/last", endpoint="last")
@requires(SIGNED_IN)
def index():
    """What happened in one's projects, newest first."""
    return dump_all(EventOut, events.list_for_user(current_user))


@bp.get("/project/<id:project_id>/events")
@bp.get("/project/<id:project_id>/events/last", endpoint="project_last")
@requires(Permission.VIEW)
def project_index(project: Project):
    """What happened in the project, newest first."""
    return dump_all(EventOut, events.list_for(project))
