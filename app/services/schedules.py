"""Schedules: what runs by itself, and when. `schedule_fires` starts it."""

import json
from datetime import datetime

from sqlalchemy import select
from sqlalchemy import update as update_rows
from sqlalchemy.orm import contains_eager

from app.clock import utcnow
from app.db import db
from app.errors import DomainError, Invalid
from app.lib.keyring import KeyringError
from app.models import Project, Repository, Schedule, Task, TaskTemplate, User
from app.schemas.schedules import RUN_AT, ScheduleIn
from app.schemas.tasks import TaskIn
from app.services import events, schedule_times, secrets, survey_answers, tasks
from app.services.references import check_reference, count_change, get_owned, require_reference

TIMING = ("type", "cron_format", "timezone", "run_at", "active")
UNREADABLE = "Its secret answers cannot be read: the key that they were encrypted with is missing"
WATCHED = ("template_id", "repository_id")  # a change of these makes what was seen meaningless


def list_for(project: Project, *, template: TaskTemplate | None = None) -> list[Schedule]:
    """All schedules of a project, or of a template, oldest first, with their templates."""
    query = select(Schedule).join(Schedule.template).options(contains_eager(Schedule.template))
    query = query.where(Schedule.project_id == project.id)
    if template is not None:
        query = query.where(Schedule.template_id == template.id)
    return list(db.session.scalars(query.order_by(Schedule.id)))


def get(project: Project, schedule_id: int) -> Schedule:
    return get_owned(Schedule, project, schedule_id)


def create(project: Project, data: ScheduleIn, *, actor: User | None) -> Schedule:
    """Raises Invalid that names the field: a template, repository or parameter, or a time that
    has passed."""
    schedule = Schedule(project_id=project.id)
    _fill(schedule, project, data)
    answers = _answers(schedule, data)
    _check(schedule, project, data, None, answers)
    return _keep(schedule, actor, answers)


def add(project: Project, data: ScheduleIn, *, actor: User | None) -> Schedule:
    """Make a schedule as it was somewhere else: one whose time has passed is kept, and what its
    template does not allow is told when it is due. Raises Invalid for an object of another project.
    """
    schedule = Schedule(project_id=project.id)
    _fill(schedule, project, data)
    return _keep(schedule, actor, {})


def update(project: Project, schedule_id: int, data: ScheduleIn, *, actor: User | None) -> Schedule:
    """Change a schedule; what is due next changes at once, unless its times are the same."""
    schedule = get(project, schedule_id)
    count_change(schedule)
    _see_what_is_due(schedule)
    before, run_at = _values(schedule, TIMING), schedule.run_at
    _fill(schedule, project, data)
    answers = _answers(schedule, data)
    _check(schedule, project, data, run_at, answers)
    _seal(schedule, answers)
    if _values(schedule, TIMING) != before:
        schedule.next_at = next_of(schedule)
    events.record(project.id, actor, schedule, "updated")
    return schedule


def set_active(project: Project, schedule_id: int, active: bool, *, actor: User | None) -> Schedule:
    """Switch a schedule on or off; what was due while it was off is not made up for."""
    schedule = get(project, schedule_id)
    count_change(schedule)
    _see_what_is_due(schedule)
    if schedule.active != active:
        schedule.active = active
        schedule.next_at = next_of(schedule)
        events.record(project.id, actor, schedule, "switched on" if active else "switched off")
    return schedule


def delete(project: Project, schedule_id: int, *, actor: User | None) -> None:
    """Delete a schedule; the runs it has made stay."""
    schedule = get(project, schedule_id)
    events.record(project.id, actor, schedule, "deleted")
    mine = Task.schedule_id == schedule.id
    db.session.execute(update_rows(Task).where(mine).values(schedule_id=None))
    db.session.delete(schedule)


def next_of(schedule: Schedule) -> datetime | None:
    """When it is due next, from now on; none while it is switched off."""
    return schedule_times.after(schedule, utcnow()) if schedule.active else None


def parameters(schedule: Schedule) -> TaskIn:
    """What its runs are started with. Raises DomainError if its secret answers cannot be read."""
    return _with(schedule, _kept_answers(schedule))


def answered(schedule: Schedule) -> set[str]:
    """The secret questions whose answers it keeps and that can be read."""
    return set(_readable(schedule))


def follow_the_server() -> None:
    """The server's time zone may have been changed while no worker ran: what is still to come
    moves with it."""
    query = select(Schedule).where(Schedule.timezone == "", Schedule.next_at > utcnow())
    query = query.where(Schedule.type != RUN_AT, Schedule.cron_format.not_like("@every %"))
    for schedule in db.session.scalars(query.with_for_update()):
        schedule.next_at = next_of(schedule)


def _fill(schedule: Schedule, project: Project, data: ScheduleIn) -> None:
    template = require_reference(TaskTemplate, project, "template_id", data.template_id)
    repository = check_reference(Repository, project, "repository_id", data.repository_id)
    before = _values(schedule, WATCHED)
    if schedule.template_id != template.id:
        schedule.secret = None
    schedule.template, schedule.template_id = template, template.id
    schedule.repository_id = repository.id if repository else None
    if _values(schedule, WATCHED) != before:
        schedule.last_commit_hash = None
    schedule.name, schedule.type = data.name, data.type
    schedule.cron_format = data.cron_format
    schedule.delete_after_run = data.delete_after_run
    schedule.active = data.is_active
    schedule.timezone = _kept(data.timezone, schedule.timezone, "")
    schedule.missed = _kept(data.missed, schedule.missed, "skip")
    if data.task_params is not None:
        schedule.task_params = data.kept_params
    where = schedule_times.zone_of(schedule)
    schedule.run_at = schedule_times.in_zone(data.run_at, where) if data.run_at else None


def _check(
    schedule: Schedule,
    project: Project,
    data: ScheduleIn,
    run_at: datetime | None,
    answers: dict[str, str],
) -> None:
    """What a start would refuse is refused here, and a time that has passed, unless it is the one
    that was stored."""
    other = data.task_params.template_id if data.task_params else None
    if other not in (None, schedule.template_id):
        raise Invalid({"task_params.template_id": "A schedule starts its own template"})
    if schedule.run_at and schedule.run_at <= utcnow() and schedule.run_at != run_at:
        message = "run_at must be in the future"
        raise Invalid({"run_at": message}, message)
    try:
        tasks.check(project, _with(schedule, answers), actor=None, by_editor=True)
    except Invalid as error:
        raise Invalid({f"task_params.{name}": why for name, why in error.fields.items()}) from error


def _keep(schedule: Schedule, actor: User | None, answers: dict[str, str]) -> Schedule:
    schedule.next_at = next_of(schedule)
    db.session.add(schedule)
    db.session.flush()  # The event needs the id, and its secret is bound to it.
    _seal(schedule, answers)
    events.record(schedule.project_id, actor, schedule, "created")
    return schedule


def _answers(schedule: Schedule, data: ScheduleIn) -> dict[str, str]:
    """The secret answers that it shall give: new ones, and over no new one the one it has, as with
    every secret that goes in and never comes out; none for what its template does not ask."""
    asked = survey_answers.secret_questions(schedule.template)
    takes_any = schedule.template.allow_any_vars_in_task
    given = data.task_params.secret_answers if data.task_params else {}
    kept = {
        name: value for name, value in _readable(schedule).items() if takes_any or name in asked
    }
    return kept | {name: value for name, value in given.items() if value}


def _kept_answers(schedule: Schedule) -> dict[str, str]:
    try:
        clear = secrets.decrypt(schedule.secret, schedule.sealed_as) if schedule.secret else "{}"
    except KeyringError as error:
        raise DomainError(UNREADABLE) from error
    answers: dict[str, str] = json.loads(clear)
    return answers


def _readable(schedule: Schedule) -> dict[str, str]:
    """None, where they cannot be read: they are asked for again."""
    try:
        return _kept_answers(schedule)
    except DomainError:
        return {}


def _seal(schedule: Schedule, answers: dict[str, str]) -> None:
    text = json.dumps(answers)
    schedule.secret = secrets.encrypt(text, schedule.sealed_as) if answers else None


def _with(schedule: Schedule, answers: dict[str, str]) -> TaskIn:
    secret = json.dumps(answers) if answers else None
    own = {"template_id": schedule.template_id, "secret": secret}
    return _stored(schedule).model_copy(update=own)


def _stored(schedule: Schedule) -> TaskIn:
    return TaskIn.model_validate(schedule.task_params or {})


def _see_what_is_due(schedule: Schedule) -> None:
    """It may have been due since it was read; now it is held."""
    db.session.refresh(schedule, ["next_at", "last_commit_hash"])


def _kept(given: str | None, stored: str | None, default: str) -> str:
    return next((value for value in (given, stored) if value is not None), default)


def _values(schedule: Schedule, names: tuple[str, ...]) -> list[object]:
    return [getattr(schedule, name) for name in names]
