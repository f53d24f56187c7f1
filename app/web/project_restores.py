"""A project that is made of a backup file, which the browser sends."""

from flask import Blueprint, request, url_for
from flask_login import current_user

from app.errors import DomainError, Invalid
from app.guard import CREATE_PROJECT, requires
from app.models import Project
from app.schemas.project_backups import ProjectBackup, UploadIn
from app.services import access_keys, project_restores
from app.services.project_restores import MOST_TOLD
from app.web import formats, hx
from app.web.forms import Form

bp = Blueprint("project_restores", __name__, url_prefix="/projects/import")


@bp.get("")
@requires(CREATE_PROJECT)
def new():
    return _form(Form(UploadIn))


@bp.post("")
@requires(CREATE_PROJECT)
def create():
    """On to the new project, or to its activity, which names what the file had and is not kept."""
    form = Form(UploadIn)
    picked = request.files.get("file")
    form.values["file"] = picked.read() if picked else b""
    if not form.submit(_restore):
        return _form(form), form.status
    project, backup = form.result
    endpoint = "activity.index" if backup.left_out else "overview.show"
    return hx.redirect(url_for(endpoint, project_id=project.id), _told(project))


def _restore(data: UploadIn) -> tuple[Project, ProjectBackup]:
    if not data.file:
        raise Invalid({"file": "Choose a file"})
    backup = _read(data.file)
    return project_restores.restore(backup, actor=current_user), backup


def _read(file: bytes) -> ProjectBackup:
    try:
        return project_restores.read(file)
    except Invalid:
        raise
    except DomainError as error:  # it is no backup at all
        raise Invalid({"file": str(error)}) from error


def _told(project: Project) -> str:
    empty = sum(key.empty for key in access_keys.list_for(project))
    rest = f"; {formats.counted(empty, 'key has', 'keys have')} no secret yet" if empty else ""
    return f"Project restored{rest}"


def _form(form: Form):
    wrong = {path: text for path, text in form.errors.items() if path != "file"}
    return hx.render(
        "projects/restore.html",
        block="form",
        error=form.errors.get("file"),
        wrong=list(wrong.items())[:MOST_TOLD],
        more=max(0, len(wrong) - MOST_TOLD),
    )
