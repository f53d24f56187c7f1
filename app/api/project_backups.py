from flask import Blueprint, request
from flask_login import current_user

from app.api.wire import dump, plain
from app.guard import CREATE_PROJECT, Permission, requires
from app.models import Project
from app.schemas.projects import ProjectOut
from app.services import backup_files, project_backups, project_restores

bp = Blueprint("api_project_backups", __name__)


@bp.get("/project/<id:project_id>/backup")
@requires(Permission.MANAGE_RESOURCES)
def show(project: Project):
    """The project as a file."""
    return plain(project_backups.make(project))


@bp.post("/projects/restore")
@requires(CREATE_PROJECT)
def restore():
    """Make a project of a file.

    It is what the backup of a project answers with, here or in Semaphore UI.
    """
    backup = backup_files.read(request.get_data())
    return dump(ProjectOut, project_restores.restore(backup, actor=current_user))
