"""Custom roles: those of all projects for administrators, those of a project for its owners."""

from typing import Any

from flask import Blueprint, Response, url_for
from flask_login import current_user

from app.errors import NotFound
from app.guard import ADMIN, Permission, permissions, requires
from app.models import CustomRole, Project
from app.permissions import ALL, GRANTS, given_by
from app.schemas.roles import CustomRoleIn, RoleChangeIn, slug_of
from app.services import project_users, roles
from app.web import boxes, hx
from app.web.forms import Form

bp = Blueprint("roles", __name__, url_prefix="/admin/roles")
project_bp = Blueprint("project_roles", __name__, url_prefix="/p/<id:project_id>/team/roles")

LABELS = {"name": "Name", "slug": "Slug", "permissions": "Permissions"}

# What each permission allows where a role is attached to a template, in a word and a sentence.
PERMISSIONS = (
    (Permission.RUN_TASKS, "Run", "Start runs of the template, stop them, keep them for ever."),
    (
        Permission.MANAGE_RESOURCES,
        "Manage",
        "Change and delete the template: also which script it runs, with which keys.",
    ),
    (
        Permission.UPDATE_PROJECT,
        "Settings",
        "Kept for programs. It allows nothing: a template has no settings of the project.",
    ),
    (
        Permission.MANAGE_USERS,
        "Members",
        "Kept for programs. It allows nothing: who may run a template is up to owners.",
    ),
)

# What built-in roles allow in the whole project.
COLUMNS = (
    (Permission.RUN_TASKS, "Run templates"),
    (Permission.MANAGE_RESOURCES, "Manage templates and resources"),
    (Permission.UPDATE_PROJECT, "Change the project"),
    (Permission.MANAGE_USERS, "Manage members"),
)


def words(bits: int) -> str:
    """What holders may do at a template that gives them all of these bits."""
    given = given_by(bits, bits)
    named = [word.lower() for bit, word, _ in PERMISSIONS if bit & given]
    return " and ".join(named).capitalize() or "Nothing"


@bp.get("")
@requires(ADMIN)
def index():
    return _list(None)


@bp.get("/new")
@requires(ADMIN)
def new():
    return _page(None, _form(CustomRoleIn))


@bp.post("")
@requires(ADMIN)
def create():
    return _create(None)


@bp.get("/<slug>/edit")
@requires(ADMIN)
def edit(slug: str):
    role = roles.get(None, slug)
    return _page(None, _form(RoleChangeIn, role), role)


@bp.post("/<slug>/edit")
@requires(ADMIN)
def update(slug: str):
    return _update(None, slug)


@bp.get("/<slug>/delete")
@requires(ADMIN)
def confirm_delete(slug: str):
    return _confirm(None, slug)


@bp.post("/<slug>/delete")
@requires(ADMIN)
def delete(slug: str):
    return _delete(None, slug)


@project_bp.get("")
@requires(Permission.VIEW)
def index_of_project(project: Project):
    return _list(project)


@project_bp.get("/new")
@requires(Permission.MANAGE_USERS)
def new_in_project(project: Project):
    return _page(project, _form(CustomRoleIn))


@project_bp.post("")
@requires(Permission.MANAGE_USERS)
def create_in_project(project: Project):
    return _create(project)


@project_bp.get("/<role_slug>/edit")
@requires(Permission.MANAGE_USERS)
def edit_in_project(project: Project, role_slug: str):
    role = roles.get(project, role_slug)
    return _page(project, _form(RoleChangeIn, role), role)


@project_bp.post("/<role_slug>/edit")
@requires(Permission.MANAGE_USERS)
def update_in_project(project: Project, role_slug: str):
    return _update(project, role_slug)


@project_bp.get("/<role_slug>/delete")
@requires(Permission.MANAGE_USERS)
def confirm_delete_in_project(project: Project, role_slug: str):
    return _confirm(project, role_slug)


@project_bp.post("/<role_slug>/delete")
@requires(Permission.MANAGE_USERS)
def delete_in_project(project: Project, role_slug: str):
    return _delete(project, role_slug)


@project_bp.get("/<role_slug>/holders")
@requires(Permission.MANAGE_USERS)
def holders(project: Project, role_slug: str):
    """Which members hold it; a role of all projects is held in each project by others."""
    return hx.render(
        "roles/holders.html",
        block="form",
        project=project,
        role=_usable(project, role_slug),
        members=project_users.list_for(project),
        list_url=_url(project),
    )


@project_bp.post("/<role_slug>/holders")
@requires(Permission.MANAGE_USERS)
def set_holders(project: Project, role_slug: str):
    role = _usable(project, role_slug)
    given, taken = (boxes.ids("users", values) for values in boxes.changed("users"))
    project_users.give_role(project, role, given=given, taken=taken, actor=current_user)
    return hx.done("roles", "Holders saved", _url(project))


def _usable(project: Project, slug: str) -> CustomRole:
    role = roles.find(project, slug)
    if role is None:
        raise NotFound(f"There is no role {slug[:80]} in this project")
    return role


def _url(project: Project | None) -> str:
    if project is None:
        return url_for("roles.index")
    return url_for("project_roles.index_of_project", project_id=project.id)


def _list(project: Project | None) -> Response:
    return hx.render(
        "roles/list.html",
        block="rows",
        project=project,
        roles=roles.available(project) if project else roles.list_for(None),
        uses=roles.uses(project),
        list_url=_url(project),
        words=words,
        built_in=GRANTS,
        columns=COLUMNS,
        may_change=project is None or Permission.MANAGE_USERS in permissions(),
    )


def _form(schema: type[RoleChangeIn], role: CustomRole | None = None) -> Form:
    """The page has a box for each permission."""
    form = Form(schema, role)
    boxes.take_permissions(form)
    return form


def _create(project: Project | None) -> Any:
    """A slug is made of the name if none was typed; it is not in the form that is refused."""
    form = _form(CustomRoleIn)
    typed = form.values["slug"].strip()
    form.values["slug"] = typed or slug_of(form.values["name"])
    if not form.submit(lambda data: roles.create(project, data, actor=current_user)):
        form.values["slug"] = typed
        if not typed and "name" in form.errors:
            form.errors.pop("slug", None)
        return _page(project, form), form.status
    return hx.done("roles", "Role created", _url(project))


def _update(project: Project | None, slug: str) -> Any:
    role = roles.get(project, slug)
    form = _form(RoleChangeIn, role)
    if not form.submit(lambda data: roles.update(project, slug, data, actor=current_user)):
        return _page(project, form, role), form.status
    return hx.done("roles", "Role saved", _url(project))


def _page(project: Project | None, form: Form, role: CustomRole | None = None) -> Response:
    if "permissions" in form.theirs:
        form.theirs["permissions"] = words(form.theirs["permissions"])
    return hx.render(
        "roles/form.html",
        block="form",
        project=project,
        form=form,
        role=role,
        labels=LABELS,
        choices=PERMISSIONS,
        chosen=boxes.permissions_of(form, ALL),
        list_url=_url(project),
    )


def _confirm(project: Project | None, slug: str) -> Response:
    role = roles.get(project, slug)
    return hx.render(
        "roles/delete.html",
        block="dialog",
        project=project,
        role=role,
        refs=roles.referrers(role),
        list_url=_url(project),
    )


def _delete(project: Project | None, slug: str) -> Response:
    roles.delete(project, slug, actor=current_user)
    return hx.done("roles", "Role deleted", _url(project))
