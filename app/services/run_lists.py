"""The history of runs as people look at it: filtered, newest first, page by page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import contains_eager, joinedload

from app.db import db
from app.models import Project, Task, TaskStatus, TaskTemplate
from app.services import dispatch, keyset
from app.services.run_starters import STARTERS


@dataclass(frozen=True)
class Search:
    """What is looked for; empty means everything."""

    text: str = ""  # in the template's name or the message
    statuses: tuple[str, ...] = ()
    template_id: int | None = None
    user_id: int | None = None


@dataclass(frozen=True)
class Page:
    """Some runs, newest first, with why they wait. `total` ends at keyset.COUNTED + 1."""

    runs: list[Task]
    reasons: dict[int, str]
    total: int
    newer: int | None  # the next page is after this id
    older: int | None  # … before this id


def find(
    project: Project, search: Search, *, before: int | None = None, after: int | None = None
) -> Page:
    """The newest runs, or those next to an id: older than `before`, or newer than `after`."""
    query = _matching(project, search)
    found = keyset.find(_with_names(query), Task, before=before, after=after)
    is_all = before is None and after is None and found.older is None
    return Page(
        runs=found.rows,
        reasons=reasons(found.rows),
        total=len(found.rows) if is_all else keyset.count(query, Task),
        newer=found.newer,
        older=found.older,
    )


def reasons(runs: list[Task]) -> dict[int, str]:
    """Why each of these runs waits, by id; asks nothing if none does."""
    waits = any(run.status == TaskStatus.WAITING for run in runs)
    return dispatch.waiting_reasons() if waits else {}


def extent(template: TaskTemplate) -> tuple[int, datetime | None]:
    """How many runs a template has, and since when."""
    query = select(func.count(Task.id), func.min(Task.created))
    count, first = db.session.execute(query.where(Task.template_id == template.id)).one()
    return count, first


def newer(project: Project, search: Search, since: int) -> int:
    """How many runs with ids above `since` match; 100 means "100 or more"."""
    return keyset.count(_matching(project, search).where(Task.id > since), Task, 100)


def _matching(project: Project, search: Search) -> Select[Any]:
    query = select(Task).join(Task.template).where(Task.project_id == project.id)
    if search.statuses:
        query = query.where(Task.status.in_(search.statuses))
    if search.template_id is not None:
        query = query.where(Task.template_id == search.template_id)
    if search.user_id is not None:
        query = query.where(Task.user_id == search.user_id)
    if search.text:
        query = query.where(_mentions(project, search.text))
    return query


def _mentions(project: Project, text: str) -> ColumnElement[bool]:
    """Names are looked at once for each template, not for each run; most texts are in none."""
    named = select(TaskTemplate.id).where(
        TaskTemplate.project_id == project.id, TaskTemplate.name.icontains(text, autoescape=True)
    )
    said = Task.message.icontains(text, autoescape=True)
    is_named = db.session.scalar(named.limit(1)) is not None
    return said | Task.template_id.in_(named) if is_named else said


def _with_names(query: Select[Any]) -> Select[Any]:
    named = (contains_eager(Task.template), joinedload(Task.build_task))
    return query.options(*named, *STARTERS)
