"""What the pages offer to the role of this request."""

from typing import Any

from app import guard
from app.permissions import Permission


def rights(template_id: int | None = None) -> dict[str, Any]:
    """Names for templates, which show no button that the view behind it would refuse.

    With a template `may_run` and `may_manage` are about it alone; `may_create` is about the whole
    project. `may_here(id)` is asked by lists of templates; it has the first two names.
    """
    everywhere = guard.permissions()
    granted = everywhere if template_id is None else guard.rights().at(template_id)
    return {
        **_named(granted),
        "may_create": Permission.MANAGE_RESOURCES in everywhere,
        "may_here": lambda own_id: _named(guard.rights().at(own_id)),
    }


def _named(granted: Permission) -> dict[str, bool]:
    return {
        "may_run": Permission.RUN_TASKS in granted,
        "may_manage": Permission.MANAGE_RESOURCES in granted,
    }
