"""The activity of a project: who did what, and when."""

from functools import partial
from itertools import chain
from typing import Any

from flask import Blueprint, request, url_for

from app.downloads import attachment, csv_line
from app.guard import Permission, requires
from app.models import Event, Project
from app.services import activity_lists, keyset, project_users
from app.urls import number
from app.web import formats, hx

bp = Blueprint("activity", __name__, url_prefix="/p/<id:project_id>/activity")

# Where the page of an object is: its kind -> endpoint and the name of its id.
PAGES = {
    "template": ("task_templates.show", "template_id"),
    "task": ("tasks.show", "task_id"),
    "repository": ("repositories.show", "repository_id"),
}


@bp.get("")
@requires(Permission.VIEW)
def index(project: Project):
    page = activity_lists.find(project, _search(), before=number("before"), after=number("after"))
    return hx.render(
        "activity/list.html",
        block="rows",
        project=project,
        page=page,
        total=formats.counted_to(keyset.COUNTED, page.total, "event"),
        kinds=[("", "Anything"), *activity_lists.kinds()],
        people=[("", "Anybody"), *project_users.choices(project)],
        query=_query(),
        link=partial(_link, project),
        address=partial(url_for, ".index", project_id=project.id, **_query()),
    )


@bp.get("/activity.csv")
@requires(Permission.VIEW, transaction=False)
def download(project: Project):
    """All that the filters let through, as a file."""
    rows = chain([activity_lists.COLUMNS], activity_lists.every(project, _search()))
    return attachment(f"activity-{project.id}.csv", map(csv_line, rows), "text/csv")


def _link(project: Project, event: Event) -> str | None:
    """The page of what an event is about, if there is one; it may be deleted by now."""
    found = PAGES.get(event.object_type or "")
    if found is None or event.object_id is None or event.description.endswith(" deleted"):
        return None
    values: dict[str, Any] = {"project_id": project.id, found[1]: event.object_id}
    return url_for(found[0], **values)


def _search() -> activity_lists.Search:
    return activity_lists.Search(
        text=request.args.get("q", "").strip(),
        kind=request.args.get("kind", ""),
        user_id=number("by"),
    )


def _query() -> dict[str, Any]:
    """The filters of the address, for links that keep them."""
    return {name: value for name in ("q", "kind", "by") if (value := request.args.get(name))}
