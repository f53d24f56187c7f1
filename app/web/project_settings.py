"""The settings of a project, for its owners: name, limits, alerts; its backup; its end."""

from flask import Blueprint, Response, request, url_for
from flask_login import current_user

from app.downloads import attachment
from app.guard import Permission, requires
from app.models import Project
from app.schemas.projects import ProjectSettingsIn
from app.services import project_backups, projects
from app.web import formats, hx, time_limits
from app.web.forms import Form

bp = Blueprint("project_settings", __name__, url_prefix="/p/<id:project_id>/settings")

LABELS = {
    "name": "Name",
    "max_parallel_tasks": "Parallel runs",
    "max_duration": "Time limit",
    "alert": "Alerts",
    "alert_chat": "Chat",
}


@bp.get("")
@requires(Permission.UPDATE_PROJECT)
def show(project: Project):
    return _page(project, Form(ProjectSettingsIn, project, only=LABELS))


@bp.post("")
@requires(Permission.UPDATE_PROJECT)
def update(project: Project):
    form = Form(ProjectSettingsIn, project, only=LABELS)
    form.values["max_duration"] = time_limits.to_seconds(request.form.get("max_duration"))
    if not form.submit(_save, project):
        return _page(project, form), form.status
    return hx.redirect(url_for(".show", project_id=project.id), "Settings saved")


@bp.get("/backup.json")
@requires(Permission.MANAGE_RESOURCES)
def download(project: Project):
    """The project as a file; it has variables in clear, so that no cache may keep it."""
    text = formats.pretty(project_backups.make(project)) + "\n"
    answer = attachment(f"project-{project.id}.json", text, "application/json")
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _save(project: Project, data: ProjectSettingsIn) -> Project:
    return projects.update(project, data, actor=current_user)


def _page(project: Project, form: Form) -> Response:
    stored = form.theirs.get("max_duration")
    if stored:
        form.theirs["max_duration"] = f"{time_limits.to_minutes(stored)} minutes"
    return hx.render(
        "projects/settings.html",
        project=project,
        form=form,
        errors={} if form.theirs else form.errors,
        minutes=time_limits.to_minutes(form.values["max_duration"]),
        labels=LABELS,
    )
