"""Check access: what a member may do, in the project or with one template, and why."""

from flask import Blueprint, url_for

from app.guard import Permission, requires
from app.models import Project
from app.services import access, project_users, task_templates, template_lists
from app.urls import number
from app.web import hx

bp = Blueprint("access_checks", __name__, url_prefix="/p/<id:project_id>/team/check")

WORDS = {
    Permission.VIEW: ("See", "See the project, its templates and runs"),
    Permission.RUN_TASKS: ("Run", "Start runs, stop them"),
    Permission.MANAGE_RESOURCES: ("Manage", "Change templates, keys, inventories and the rest"),
    Permission.UPDATE_PROJECT: ("Settings", "Change and delete the project"),
    Permission.MANAGE_USERS: ("Members", "Add and remove members, give roles"),
}


@bp.get("")
@requires(Permission.VIEW)
def index(project: Project):
    """Without a choice only the form; `member` and `template` are ids."""
    members = project_users.list_for(project)
    templates = template_lists.choices(project)
    user_id, template_id = number("member") or 0, number("template") or 0
    member = next((member for member in members if member.user_id == user_id), None)
    known = template_id in dict(templates)
    template = task_templates.get(project, template_id) if known else None
    return hx.render(
        "access_checks/show.html",
        block="verdicts",
        project=project,
        member=member,
        template=template,
        people=[(one.user_id, f"{one.user.name} ({one.user.username})") for one in members],
        templates=templates,
        verdicts=access.explain(project, member, template) if member else [],
        words=WORDS,
        url=url_for(".index", project_id=project.id),
    )
