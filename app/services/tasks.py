"""What a person asks of tasks: start, stop, look, delete. Page and API call the same functions."""

from typing import Any, NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.orm import contains_eager, joinedload

from app.db import db
from app.errors import Busy, Invalid, NotFound, Unavailable
from app.extensions import kick
from app.lib import git_urls
from app.models import HELD, Environment, Inventory, Project, Task, TaskStatus, TaskTemplate, User
from app.permissions import Permission
from app.schemas.task_templates import DEPLOY
from app.schemas.tasks import TaskIn
from app.services import (
    apps,
    builds,
    events,
    health,
    inventories,
    project_users,
    removals,
    repeats,
    run_stops,
    secrets,
    survey_answers,
    task_params,
    task_states,
    task_targets,
    template_roles,
)
from app.services.references import check_reference, get_owned
from app.services.run_starters import STARTERS

S = TaskStatus
UNFINISHED = TaskStatus.unfinished()
UNHELD = (S.WAITING, S.WAITING_CONFIRMATION, S.CONFIRMED)  # states that no worker holds


class Checked(NamedTuple):
    """What a start refers to; the answers of the survey and those that are secret are JSON."""

    template: TaskTemplate
    inventory: Inventory | None
    group: Environment | None
    build: Task | None
    repeated: Task | None
    environment: str
    secret: str


def start(
    project: Project,
    data: TaskIn,
    *,
    actor: User | None,
    integration_id: int | None = None,
    by_editor: bool = False,
) -> Task:
    """Queue a run of a template; return its row, which waits for a worker.

    `by_editor`: somebody who may edit templates wrote the parameters, whoever starts it now.

    Raises Invalid that names what is unknown or not allowed, Busy while the template is being
    deleted, Unavailable when the disk is full.
    """
    # What a request from outside brings is not the word of whoever sends it again.
    speaker = actor if integration_id is None else None
    checked = check(project, data, actor=speaker, by_editor=by_editor)
    template = checked.template
    removals.refuse_start(template)
    _refuse_what_cannot_run(template)
    if not health.has_room():
        raise Unavailable(health.DISK_FULL)
    task = _row(data, checked)
    task.project_id, task.user_id = project.id, actor.id if actor else None
    task.integration_id = integration_id
    db.session.add(task)
    db.session.flush()  # The secret below is bound to the id; event and answer show it.
    if checked.secret:
        task.secret = secrets.encrypt(checked.secret, task.sealed_as)
    _announce(task, actor)
    return task


def _row(data: TaskIn, checked: Checked) -> Task:
    """What is asked for, as a row; what a template builds or deploys is decided here."""
    template, inventory = checked.template, checked.inventory
    build = checked.build or (builds.latest(template) if template.type == DEPLOY else None)
    params = task_params.given(data, template)
    return Task(
        template_id=template.id,
        message=data.message or "",
        environment=checked.environment,
        arguments=_own(data.arguments),
        git_branch=_own(data.git_branch),
        params=params,
        inventory_id=inventory.id if inventory else None,
        environment_id=checked.group.id if checked.group else None,
        version=builds.next_version(template, params),
        max_duration=data.max_duration or None,
        build_task_id=build.id if build else None,
        wanted_commit=repeats.commit_of(data, checked.repeated)
        or builds.commit_of(build, template, data),
        repeats_id=checked.repeated.id if checked.repeated else None,
    )


def check(
    project: Project, data: TaskIn, *, actor: User | None, by_editor: bool = False
) -> Checked:
    """What a start refers to, and its answers. Raises Invalid that names what is not allowed.

    What is stored for a start of later (a schedule) is checked by it, too.
    """
    template = task_targets.of(project, data)
    task_targets.refuse_other_name(project, template, data)
    trusted = by_editor or (bool(data.arguments) and _may_edit(actor, template))
    task_params.check(data, template, trusted=trusted)
    environment, secret = survey_answers.kept(data, template)
    if data.git_branch:
        _check_branch(data.git_branch)
    inventory = check_reference(Inventory, project, "inventory_id", data.inventory_id or None)
    inventories.refuse_held(project, template, inventory)
    group = check_reference(Environment, project, "environment_id", data.environment_id or None)
    build = builds.chosen(template, data.build_task_id) if data.build_task_id else None
    repeated = repeats.of(data, template)
    return Checked(template, inventory, group, build, repeated, environment, secret)


def _refuse_what_cannot_run(template: TaskTemplate) -> None:
    """Templates of a restored project may be of kinds that this server does not know."""
    if not apps.exists(template.app):
        raise Invalid({"template_id": f"This server has no app {template.app}"})


def _may_edit(actor: User | None, template: TaskTemplate) -> bool:
    """Whether who starts it may write the template; what starts by itself may not."""
    if actor is None:
        return False
    project, _, granted = project_users.get_for(actor, template.project_id)
    rights = template_roles.rights_of(actor, project, granted)
    return Permission.MANAGE_RESOURCES in rights.at(template.id)


def _announce(task: Task, actor: User | None) -> None:
    events.record(task.project_id, actor, task, "queued for running", name=task.title)
    task_states.announce(task)
    kick()


def _own(value: str | None) -> str | None:
    return None if task_params.is_empty(value) else value


def _check_branch(name: str) -> None:
    try:
        git_urls.check_ref(name)
    except git_urls.BadRef as error:
        raise Invalid({"git_branch": str(error)}) from error


def get(project: Project, task_id: int) -> Task:
    """The task with its template and user. Raises NotFound."""
    query = _with_names().where(Task.project_id == project.id, Task.id == task_id)
    found = db.session.scalar(query)
    if found is None:
        raise NotFound(f"Run {task_id} does not exist in this project")
    return found


def list_for(project: Project, statuses: tuple[str, ...], count: int) -> list[Task]:
    """The newest tasks in one of these states."""
    query = _with_names().where(Task.project_id == project.id, Task.status.in_(statuses))
    return list(db.session.scalars(query.order_by(Task.id.desc()).limit(count)))


def _with_names() -> Any:
    return (
        select(Task)
        .join(Task.template)
        .options(contains_eager(Task.template), joinedload(Task.build_task), *STARTERS)
    )


def active() -> list[Task]:
    """All tasks of the server that have not finished, oldest first."""
    query = _with_names().where(Task.status.in_(UNFINISHED)).order_by(Task.id)
    return list(db.session.scalars(query))


def last_of(templates: list[TaskTemplate], n: int = 10) -> dict[int, list[Task]]:
    """The last n tasks of each template, newest first, by template id; two queries."""
    found: dict[int, list[Task]] = {template.id: [] for template in templates}
    ids = select(*(_newest_but(place) for place in range(n))).where(TaskTemplate.id.in_(found))
    last = [task_id for row in db.session.execute(ids) for task_id in row if task_id]
    query = select(Task).where(Task.id.in_(last)).options(*STARTERS)
    for task in db.session.scalars(query.order_by(Task.id.desc())):
        found[task.template_id].append(task)
    return found


def _newest_but(place: int) -> Any:
    """The id of the task that has `place` newer ones of its template.

    The index gives it. Numbering the tasks instead would read all that each template ever had.
    """
    ids = select(Task.id).where(Task.template_id == TaskTemplate.id).order_by(Task.id.desc())
    return ids.offset(place).limit(1).correlate(TaskTemplate).scalar_subquery()


def stop(
    project: Project,
    task_id: int,
    *,
    actor: User | None,
    force: bool = False,
    reason: str | None = None,
) -> Task:
    """End a task: at once where nobody holds it, else its worker is told.

    Stopping what has finished, or is stopping, changes nothing; `force` skips the grace. `reason`
    is what its page says of it if it had not begun.
    """
    task = get(project, task_id)
    if _ask_to_stop(task, reason):
        events.record(project.id, actor, task, run_stops.VERB, name=task.title)
        kick()
    if force:
        _force(task)
    return task


def _ask_to_stop(task: Task, reason: str | None) -> bool:
    """Whether this has stopped it, or told its holder to; False: that was so before.

    A row may go from waiting to held and back while we look: one of the two moves applies to each.
    """
    said = {"reason": reason} if reason else {}
    while not task.is_finished and task.status != S.STOPPING:
        if task_states.move(task, S.STOPPED, of=UNHELD, **said) or task_states.move(
            task, S.STOPPING
        ):
            return True
        db.session.refresh(task)
    return False


def _force(task: Task) -> None:
    db.session.execute(
        update(Task).where(Task.id == task.id, Task.status.in_(HELD)).values(force_stop=True)
    )


def stop_all(project: Project, template: TaskTemplate, *, actor: User | None, force: bool) -> None:
    """End every task of a template."""
    query = select(Task.id).where(Task.template_id == template.id, Task.status.in_(UNFINISHED))
    for task_id in db.session.scalars(query).all():
        stop(project, task_id, actor=actor, force=force)


def delete(project: Project, task_id: int, *, actor: User | None) -> None:
    """Delete a finished task with its output. Raises Invalid while it is active."""
    task = get_owned(Task, project, task_id)
    if not task.is_finished:
        raise Invalid({"status": f"Run {task_id} has not finished; stop it first"})
    events.record(project.id, actor, task, "deleted", name=f"#{task.id}")
    db.session.delete(task)


def pin(project: Project, task_id: int, *, kept: bool, actor: User | None) -> Task:
    """Keep a run and its log for ever, whatever the settings say; or no longer."""
    task = get(project, task_id)
    if task.pinned != kept:
        task.pinned = kept
        verb = "pinned" if kept else "no longer pinned"
        events.record(project.id, actor, task, verb, name=task.title)
    return task


def refuse_while_active(name: str, active_count: int) -> None:
    """Raise Busy if something is to go away that runs still need."""
    if active_count:
        runs = "1 run" if active_count == 1 else f"{active_count} runs"
        raise Busy(f"{name} has {runs} that have not finished; stop them first")


def unfinished(*, project: Project | None = None, template: TaskTemplate | None = None) -> int:
    """How many tasks of a project or template have not finished."""
    query = select(func.count()).select_from(Task).where(Task.status.in_(UNFINISHED))
    if project is not None:
        query = query.where(Task.project_id == project.id)
    if template is not None:
        query = query.where(Task.template_id == template.id)
    return db.session.scalar(query) or 0
