"""What the pages offer to the role of this request."""

from typing import Any

from app import guard
from app.permissions import Permission


def rights() -> dict[str, Any]:
    """Names for templates, which show no button that the view behind it would refuse."""
    granted = guard.permissions()
    return {
        "may_run": Permission.RUN_TASKS in granted,
        "may_manage": Permission.MANAGE_RESOURCES in granted,
    }
