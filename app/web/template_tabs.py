"""The page of a template: its head, and one tab of what it is."""

from typing import Any

from flask import Response

from app.executors import executor_of
from app.models import Project, TaskTemplate
from app.services import missing_tools, removals
from app.web import hx
from app.web.rights import rights


def tab_of(
    project: Project,
    template: TaskTemplate,
    name: str,
    tab: str = "Runs",
    /,
    *,
    block: str | None = None,
    **found: Any,
) -> Response:
    """The page with this tab, for which `found` is; `block` of it is what HTMX gets."""
    return hx.render(
        name,
        block=block,
        project=project,
        template=template,
        tab=tab,
        removal=removals.of_template(template),
        missing=missing_tools.of(template),
        has_workspaces=executor_of(template.app).takes_workspace,
        **found,
        **rights(template.id),
    )
