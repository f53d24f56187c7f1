"""The list of templates as people look at it: filtered, sorted, each with its last runs."""

from dataclasses import dataclass
from statistics import median
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import aliased

from app.db import db
from app.models import Project, Task, TaskStatus, TaskTemplate
from app.services import dispatch, tasks

SIZE = 50
NEVER = "never"  # the "last status" of what has not run yet
DEFAULT_SORT = "last"


@dataclass(frozen=True)
class Search:
    """What is looked for; empty means everything. `sort` is a key of ORDERS."""

    text: str = ""
    app: str = ""
    statuses: tuple[str, ...] = ()
    view_id: int | None = None
    sort: str = DEFAULT_SORT


@dataclass(frozen=True)
class Row:
    """A template with its last ten runs, newest first, and why the newest one waits."""

    template: TaskTemplate
    runs: list[Task]
    reason: str | None

    @property
    def last(self) -> Task | None:
        return self.runs[0] if self.runs else None

    @property
    def seconds(self) -> float | None:
        """How long it usually takes: the median of the successes, else of all that finished."""
        ended = [run for run in self.runs if run.start and run.end]
        good = [run for run in ended if run.status == TaskStatus.SUCCESS] or ended
        took = [(run.end - run.start).total_seconds() for run in good if run.start and run.end]
        return median(took) if took else None


@dataclass(frozen=True)
class Page:
    """Some rows of `total`. `newer` and `older` are what `after` is on the neighbouring pages:
    None where there is none, 0 for the first page."""

    rows: list[Row]
    total: int
    first: int
    newer: int | None
    older: int | None


def find(project: Project, search: Search, after: int | None = None) -> Page:
    """The page of templates that begins after the one with the id `after`."""
    ids = list(db.session.scalars(_ids(project, search)))
    start = ids.index(after) + 1 if after in ids else 0
    shown = ids[start : start + SIZE]
    return Page(
        rows=rows(_load(shown)),
        total=len(ids),
        first=start + 1,
        newer=None if start == 0 else ids[start - SIZE - 1] if start > SIZE else 0,
        older=shown[-1] if start + SIZE < len(ids) else None,
    )


def apps(project: Project) -> list[str]:
    """The tools that the project's templates use."""
    query = select(TaskTemplate.app).filter_by(project_id=project.id).distinct()
    return list(db.session.scalars(query.order_by(TaskTemplate.app)))


def choices(project: Project) -> list[tuple[int, str]]:
    """Id and name of each template, for a picker."""
    query = select(TaskTemplate.id, TaskTemplate.name).filter_by(project_id=project.id)
    return [(row.id, row.name) for row in db.session.execute(query.order_by(_name))]


def rows(templates: list[TaskTemplate]) -> list[Row]:
    """Add to templates what their rows show, in a number of queries that does not grow."""
    runs = tasks.last_of(templates)
    newest = [found[0] for found in runs.values() if found]
    waits = any(run.status == TaskStatus.WAITING for run in newest)
    reasons = dispatch.waiting_reasons() if waits else {}
    return [_row(template, runs[template.id], reasons) for template in templates]


def _row(template: TaskTemplate, runs: list[Task], reasons: dict[int, str]) -> Row:
    return Row(template, runs, reasons.get(runs[0].id) if runs else None)


def _load(ids: list[int]) -> list[TaskTemplate]:
    found = db.session.scalars(select(TaskTemplate).where(TaskTemplate.id.in_(ids)))
    by_id = {template.id: template for template in found}
    return [by_id[template_id] for template_id in ids]


def _ids(project: Project, search: Search) -> Select[Any]:
    last = aliased(Task)
    newest = select(func.max(Task.id)).where(Task.template_id == TaskTemplate.id)
    query = (
        select(TaskTemplate.id)
        .outerjoin(last, last.id == newest.correlate(TaskTemplate).scalar_subquery())
        .where(TaskTemplate.project_id == project.id)
        .order_by(*ORDERS.get(search.sort, ORDERS[DEFAULT_SORT])(last.id), TaskTemplate.id)
    )
    if search.text:
        query = query.where(_mentions(search.text))
    if search.app:
        query = query.where(TaskTemplate.app == search.app)
    if search.view_id is not None:
        query = query.where(TaskTemplate.view_id == search.view_id)
    if search.statuses:
        never = last.id.is_(None) if NEVER in search.statuses else False
        query = query.where(last.status.in_(search.statuses) | never)
    return query


def _mentions(text: str) -> Any:
    columns = (TaskTemplate.name, TaskTemplate.description, TaskTemplate.playbook)
    return or_(*(column.icontains(text, autoescape=True) for column in columns))


_name = func.lower(TaskTemplate.name)

# How a list can be sorted: by name, or by the last run, where what never ran comes last.
ORDERS = {
    "name": lambda last: (_name,),
    "-name": lambda last: (_name.desc(),),
    "last": lambda last: (last.is_(None), last.desc(), _name),
    "-last": lambda last: (last.is_(None), last, _name),
}
