"""Who may call a view. Each view is marked; authorize() refuses a view without a mark."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, g, request
from flask_login import current_user

from app.errors import DomainError, Forbidden, Unauthenticated
from app.extensions import settings
from app.permissions import ALL, Permission, Role
from app.services import project_users

PUBLIC = "public"
SIGNED_IN = "signed in"
ADMIN = "admin"
CREATE_PROJECT = "create projects"

View = TypeVar("View", bound=Callable[..., Any])


def requires(access: Permission | str, *, transaction: bool = True) -> Callable[[View], View]:
    """Mark a view with the project permission it takes, or PUBLIC, SIGNED_IN, ADMIN, ….

    `transaction=False` is for what lives for minutes or opens short transactions of its own.
    """

    def mark(view: View) -> View:
        view.access = access  # type: ignore[attr-defined]
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


def authorize() -> None:
    """Let the request through only if its view's mark allows this user.

    It runs before the view, so before flask-sock's handshake too. A view below
    `<id:project_id>` is called with the project instead of its id.
    """
    if request.endpoint is None:
        return
    access = getattr(current_app.view_functions[request.endpoint], "access", None)
    if access == PUBLIC:
        return
    if not current_user.is_authenticated:
        raise Unauthenticated("Sign in first")
    if "project_id" in (request.view_args or {}):
        _enter_project(access if isinstance(access, Permission) else Permission.VIEW)
    if not isinstance(access, Permission):
        _check(access)


def _enter_project(access: Permission) -> None:
    """A stranger learns nothing of the project, whatever else the view asks for."""
    assert request.view_args is not None
    found = project_users.get_for(current_user, request.view_args.pop("project_id"))
    g.project, g.role, g.permissions = found
    if access not in g.permissions:
        g.owners = project_users.owners(g.project)
        raise Forbidden(f"This takes the role {least(access)}")
    request.view_args["project"] = g.project


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
    "PUBLIC",
    "SIGNED_IN",
    "Permission",
    "may_create_projects",
    "permissions",
    "requires",
    "wants_transaction",
]
