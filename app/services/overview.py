"""The state of a project at a glance: what needs somebody, and how the last weeks went."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased, contains_eager, joinedload

from app import demo
from app.clock import utcnow
from app.db import db
from app.executors.terraform_drift import FOUND, PLANNED
from app.lib.utc_day import utc_day
from app.models import Project, Repository, Task, TaskPlan, TaskStatus, TaskTemplate
from app.services import health, workers

DAYS = 30
SHOWN = 8  # failing templates that are named
GOOD, BAD = TaskStatus.SUCCESS, TaskStatus.ERROR


@dataclass(frozen=True)
class Failing:
    """A template whose newest result is a failure: how many in a row, and since when."""

    template: TaskTemplate
    last: Task
    count: int
    since: datetime


@dataclass(frozen=True)
class Needs:
    """What somebody has to look after. `waiting` is how many runs a missing worker keeps."""

    no_worker: bool
    waiting: int
    disk_full: bool
    failing: list[Failing]  # the newest ones
    more: int = 0  # failing templates beyond these
    plans: Sequence[TaskPlan] = ()  # that wait for approval, the oldest first
    drifting: Sequence[Task] = ()  # checks that have found drift, the newest first

    def __len__(self) -> int:
        found = len(self.failing) + self.more + len(self.plans) + len(self.drifting)
        return self.no_worker + self.disk_full + found


@dataclass(frozen=True)
class Day:
    """How many runs that were started on a day (UTC) succeeded and failed."""

    date: date
    good: int
    bad: int


def needs(project: Project) -> Needs:
    """What keeps the project's runs from working."""
    no_worker = not workers.online()
    found = failing(project)
    return Needs(
        no_worker=no_worker,
        waiting=_waiting(project) if no_worker else 0,
        disk_full=not health.has_room(),
        failing=found,
        more=_failing_count(project) - SHOWN if len(found) == SHOWN else 0,
        plans=awaiting(project),
        drifting=drifting(project),
    )


def awaiting(project: Project) -> Sequence[TaskPlan]:
    """Plans that somebody has to approve, with their runs."""
    run = joinedload(TaskPlan.task)
    query = (
        select(TaskPlan)
        .join(TaskPlan.task)
        .where(Task.project_id == project.id, Task.status == TaskStatus.WAITING_CONFIRMATION)
        .options(run.joinedload(Task.template), run.joinedload(Task.user))
        .order_by(TaskPlan.task_id)
        .limit(SHOWN)
    )
    return db.session.scalars(query).all()


def drifting(project: Project) -> Sequence[Task]:
    """The newest successes of templates, within the last 30 days, that were checks and have found
    drift: what has succeeded since then was another check, or has changed something."""
    query = (
        select(Task)
        .join(Task.template)
        .where(TaskTemplate.project_id == project.id, Task.id == _newest(GOOD, but=PLANNED))
        .where(Task.result.startswith(FOUND), Task.created > utcnow() - timedelta(days=DAYS))
        .options(contains_eager(Task.template))
        .order_by(Task.id.desc())
        .limit(SHOWN)
    )
    return db.session.scalars(query).all()


def _waiting(project: Project) -> int:
    query = select(func.count()).select_from(Task)
    waiting = query.where(Task.status == TaskStatus.WAITING, Task.project_id == project.id)
    return db.session.scalar(waiting) or 0


def failing(project: Project) -> list[Failing]:
    """Templates that failed since their last success, within the last 30 days; newest first."""
    last = aliased(Task)
    in_a_row = (
        Task.template_id == TaskTemplate.id,
        Task.status == BAD,
        Task.id > func.coalesce(_newest(GOOD), 0),
    )
    count = select(func.count(Task.id)).where(*in_a_row).correlate(TaskTemplate)
    since = select(func.min(Task.created)).where(*in_a_row).correlate(TaskTemplate)
    query = (
        _of_failing(project, last)
        .add_columns(last, count.scalar_subquery(), since.scalar_subquery())
        .order_by(last.id.desc())
        .limit(SHOWN)
    )
    return [Failing(*row) for row in db.session.execute(query)]


def _failing_count(project: Project) -> int:
    found = _of_failing(project, aliased(Task)).with_only_columns(func.count())
    return db.session.scalar(found) or 0


def _of_failing(project: Project, last: Any) -> Select[Any]:
    """The templates whose newest result, `last`, is a failure of the last 30 days."""
    return (
        select(TaskTemplate)
        .join(last, last.id == _newest(GOOD, BAD))
        .where(TaskTemplate.project_id == project.id, last.status == BAD)
        .where(last.created > utcnow() - timedelta(days=DAYS))
    )


def _newest(*statuses: TaskStatus, but: str = "") -> Any:
    """The id of a template's newest run with one of these results; the index ends the search.

    `but`: of those whose finding begins so none, as they have changed nothing.
    """
    run = aliased(Task)
    query = select(run.id).where(run.template_id == TaskTemplate.id, run.status.in_(statuses))
    if but:
        query = query.where(run.result.is_(None) | ~run.result.startswith(but))
    return query.order_by(run.id.desc()).limit(1).correlate(TaskTemplate).scalar_subquery()


def days(project: Project) -> list[Day]:
    """Successes and failures of each of the last 30 days, oldest first; empty if nothing ran."""
    today = utcnow().date()
    first = today - timedelta(days=DAYS - 1)
    day = utc_day(Task.created)
    query = (
        select(day, Task.status, func.count())
        .where(Task.project_id == project.id, Task.status.in_((GOOD, BAD)))
        .where(Task.created >= utcnow() - timedelta(days=DAYS))
        .group_by(day, Task.status)
    )
    found: dict[tuple[str, str], int] = defaultdict(int)
    for when, status, n in db.session.execute(query):
        found[str(when), status] = n
    dates = [first + timedelta(days=n) for n in range(DAYS)]
    shown = [Day(d, found[str(d), GOOD], found[str(d), BAD]) for d in dates]
    return shown if any(d.good or d.bad for d in shown) else []


@dataclass(frozen=True)
class Steps:
    """How far a new project has come. `first` is the template to try."""

    first: TaskTemplate | None
    has_run: bool
    has_repository: bool
    has_template: bool

    @property
    def are_done(self) -> bool:
        return self.has_run and self.has_repository and self.has_template


def steps(project: Project) -> Steps:
    """What is left to do in a new project; what the demo brought does not count as done."""
    own = (
        select(Repository.id).filter_by(project_id=project.id).where(Repository.git_url != demo.URL)
    )
    mine = select(TaskTemplate.id).where(TaskTemplate.repository_id.in_(own))
    run = select(Task.id).filter_by(project_id=project.id, status=GOOD)
    has_run, has_repository, has_template = db.session.execute(
        select(run.exists(), own.exists(), mine.exists())
    ).one()
    templates = select(TaskTemplate).filter_by(project_id=project.id).order_by(TaskTemplate.id)
    first = db.session.scalars(templates.limit(1)).first()
    return Steps(first, bool(has_run), bool(has_repository), bool(has_template))
