"""A project that is made of a backup file, which the browser sends."""

from typing import Any

from flask import Blueprint, request, url_for
from flask_login import current_user

from app.errors import DomainError, Invalid
from app.guard import CREATE_PROJECT, requires
from app.models import Project
from app.schemas.project_backups import ProjectBackup, UploadIn
from app.services import (
    access_keys,
    backup_files,
    integration_restores,
    project_restores,
    restore_previews,
)
from app.services.backup_files import MOST_TOLD
from app.web import formats, hx
from app.web.forms import Form

bp = Blueprint("project_restores", __name__, url_prefix="/projects/import")

# What the lists of a file hold: one, several.
KINDS = {
    "keys": ("key", "keys"),
    "repositories": ("repository", "repositories"),
    "inventories": ("inventory", "inventories"),
    "environments": ("variable group", "variable groups"),
    "host_configs": ("address for git", "addresses for git"),
    "views": ("view", "views"),
    "templates": ("template", "templates"),
    "schedules": ("schedule", "schedules"),
    "roles": ("role", "roles"),
    "integrations": ("integration", "integrations"),
    "integration_aliases": ("address of the project", "addresses of the project"),
}


@bp.get("")
@requires(CREATE_PROJECT)
def new():
    return _form(Form(UploadIn))


@bp.post("")
@requires(CREATE_PROJECT)
def create():
    """On to the new project, or to its activity, which names what is not as the file has it."""
    form = _sent()
    if not form.submit(_restore):
        return _form(form), form.status
    project, backup = form.result
    new = integration_restores.new_addresses(project, backup)
    endpoint = "activity.index" if backup.left_out or new else "overview.show"
    return hx.redirect(url_for(endpoint, project_id=project.id), _told(project, new))


@bp.post("/_preview")
@requires(CREATE_PROJECT)
def preview():
    """What the chosen file would make; its mistakes, before anybody restores it."""
    form = _sent()
    is_right = form.submit(lambda data: restore_previews.preview(_file(data), actor=current_user))
    found = form.result if is_right else None
    return hx.render("projects/_preview.html", found=found, words=KINDS, **_mistakes(form))


def _sent() -> Form:
    form = Form(UploadIn)
    picked = request.files.get("file")
    if picked:
        picked.seek(0)  # it was read before, if this is another try
    form.values["file"] = picked.read() if picked else b""
    return form


def _restore(data: UploadIn) -> tuple[Project, ProjectBackup]:
    backup = _file(data)
    return project_restores.restore(backup, actor=current_user), backup


def _file(data: UploadIn) -> ProjectBackup:
    if not data.file:
        raise Invalid({"file": "Choose a file"})
    try:
        return backup_files.read(data.file)
    except Invalid:
        raise
    except DomainError as error:  # it is no backup at all
        raise Invalid({"file": str(error)}) from error


def _told(project: Project, new_addresses: int) -> str:
    empty = sum(key.empty for key in access_keys.list_for(project))
    keys = f"{formats.counted(empty, 'key has', 'keys have')} no secret yet" if empty else ""
    shown = formats.counted(new_addresses, "address", "addresses")
    taken = f"{shown} of webhooks had to be new" if new_addresses else ""
    return "; ".join(filter(None, ["Project restored", keys, taken]))


def _form(form: Form):
    return hx.render("projects/restore.html", block="form", **_mistakes(form))


def _mistakes(form: Form) -> dict[str, Any]:
    """Why the file as a whole is refused, or its first mistakes and how many more there are."""
    wrong = [(path, text) for path, text in form.errors.items() if path != "file"]
    more = max(0, len(wrong) - MOST_TOLD)
    return {"error": form.errors.get("file"), "wrong": wrong[:MOST_TOLD], "more": more}
