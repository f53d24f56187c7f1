"""Who may call a view. Each view is marked; authorize() refuses a view without a mark."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, g, request
from flask_login import current_user

from app.errors import DomainError, Forbidden, Unauthenticated
from app.extensions import settings
from app.permissions import ALL, Permission, Rights, Role
from app.services import project_users, template_roles

PUBLIC = "public"
SIGNED_IN = "signed in"
ADMIN = "admin"
CREATE_PROJECT = "create projects"

# Where a permission may come from a custom role, beside the whole project: the template that the
# URL names, or whose run it names; some template, and the view calls require_at() with the one.
ITS_TEMPLATE = "its template"
SOME_TEMPLATE = "some template"

View = TypeVar("View", bound=Callable[..., Any])


def requires(
    access: Permission | str, *, at: str | None = None, transaction: bool = True
) -> Callable[[View], View]:
    """Mark a view with the project permission it takes, or PUBLIC, SIGNED_IN, ADMIN, ….

    With `at` (ITS_TEMPLATE, SOME_TEMPLATE) the permission at that template is enough.
    `transaction=False` is for what lives for minutes or opens short transactions of its own.
    """

    def mark(view: View) -> View:
        view.access, view.at = access, at  # type: ignore[attr-defined]
        view.transaction = transaction  # type: ignore[attr-defined]
        return view

    return mark


def init_app(app: Flask) -> None:
    app.before_request(authorize)


def wants_transaction() -> bool:
    """Whether the view of this request runs in one transaction."""
    view = current_app.view_functions.get(request.endpoint or "")
    return bool(getattr(view, "transaction", True))


def permissions() -> Permission:
    """What the user of this request may do in its project."""
    return g.get("permissions", Permission.VIEW)


def rights() -> Rights:
    """What the user of this request may do in its project, and more at single templates."""
    if "rights" not in g:
        g.rights = template_roles.rights_of(current_user, g.project, g.permissions)
    return g.rights


def require_at(permission: Permission, template_id: int) -> None:
    """Raise Forbidden unless the user of this request may do this with a template."""
    if permission not in g.permissions and permission not in rights().at(template_id):
        raise _lacking(permission)


def authorize() -> None:
    """Let the request through only if its view's mark allows this user.

    It runs before the view, so before flask-sock's handshake too. A view below
    `<id:project_id>` is called with the project instead of its id.
    """
    if request.endpoint is None:
        return
    view = current_app.view_functions[request.endpoint]
    access = getattr(view, "access", None)
    if access == PUBLIC:
        return
    if not current_user.is_authenticated:
        raise Unauthenticated("Sign in first")
    if "project_id" in (request.view_args or {}):
        wanted = access if isinstance(access, Permission) else Permission.VIEW
        _enter_project(wanted, getattr(view, "at", None))
    if not isinstance(access, Permission):
        _check(access)


def _enter_project(access: Permission, at: str | None) -> None:
    """A stranger learns nothing of the project, whatever else the view asks for."""
    assert request.view_args is not None
    found = project_users.get_for(current_user, request.view_args.pop("project_id"))
    g.project, g.role, g.permissions = found
    if access not in g.permissions and not _is_given(access, at):
        raise _lacking(access)
    request.view_args["project"] = g.project


def _is_given(access: Permission, at: str | None) -> bool:
    """Whether a custom role gives what the built-in one does not, where the view allows that."""
    if at == SOME_TEMPLATE:
        return rights().anywhere(access)
    template_id = _template_of_url() if at == ITS_TEMPLATE else None
    return template_id is not None and access in rights().at(template_id)


def _template_of_url() -> int | None:
    ids = request.view_args or {}
    if "task_id" in ids:
        return template_roles.template_of(g.project, ids["task_id"])
    return ids.get("template_id")


def _lacking(access: Permission) -> Forbidden:
    g.owners = project_users.owners(g.project)
    return Forbidden(f"This takes the role {least(access)}")


def least(access: Permission) -> str:
    """The lowest role that may do what was refused, in words."""
    found = next(role for role in reversed(Role) if role.can(access))
    return found.replace("_", " ") + ("" if found == Role.OWNER else " or higher")


def _check(access: str | None) -> None:
    if access == SIGNED_IN or (access in (ADMIN, CREATE_PROJECT) and current_user.admin):
        return
    if access == CREATE_PROJECT and settings().NON_ADMIN_CAN_CREATE_PROJECT:
        return
    raise _refused(access)


def _refused(access: str | None) -> DomainError:
    """The API's clients expect 401, not 403, where projects are made."""
    if access == CREATE_PROJECT and request.path.startswith("/api/"):
        return Unauthenticated("Only administrators create projects here")
    return Forbidden("Only administrators may do this")


def may_create_projects() -> bool:
    return bool(current_user.admin or settings().NON_ADMIN_CAN_CREATE_PROJECT)


__all__ = [
    "ADMIN",
    "ALL",
    "CREATE_PROJECT",
    "ITS_TEMPLATE",
    "PUBLIC",
    "SIGNED_IN",
    "SOME_TEMPLATE",
    "Permission",
    "may_create_projects",
    "permissions",
    "require_at",
    "requires",
    "rights",
    "wants_transaction",
]
