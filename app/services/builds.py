"""Builds and what is deployed of them: the versions, and the choice of a build.

A run of a build template gets the next version when it is started, whatever becomes of it; one that
is only to look (at a plan, for drift) builds nothing, and gets none. A run of
a deploy template takes a successful run of the template that it deploys; that may be a deploy
itself (first to staging, then to production), and then the version is that of the first build.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import joinedload

from app.db import db
from app.errors import Invalid
from app.executors import executor_of
from app.lib.versions import following
from app.lib.whole_numbers import whole
from app.models import Project, Task, TaskStatus, TaskTemplate
from app.schemas.task_templates import BUILD, DEPLOY, TaskTemplateIn
from app.schemas.tasks import TaskIn
from app.services import task_params
from app.services.references import check_reference, hold

FIRST = "0.0.0"  # of a template that names no first version
LONGEST = 255  # of a version
NAMED = 3  # templates that a refusal names
OFFERED = 50  # builds that a run sheet shows


def next_version(template: TaskTemplate, given: Mapping[str, Any]) -> str | None:
    """The version of the run that is being started with these parameters of its tool; none if the
    template builds nothing, or the run is only to look.

    The template is kept to this transaction: two runs never get the same one. Raises Invalid where
    its first version cannot be counted on.
    """
    params = task_params.with_own(template, given)
    if template.type != BUILD or executor_of(template.app).looks_only(params):
        return None
    hold(template)
    made = select(Task.version).where(Task.template_id == template.id, Task.version.is_not(None))
    previous = db.session.scalar(made.order_by(Task.id.desc()).limit(1))
    try:
        version = following(template.start_version or FIRST, previous)
    except ValueError as error:
        raise Invalid({"template_id": f"The first version of {template.name}: {error}"}) from error
    if len(version) > LONGEST:
        raise Invalid({"template_id": f"The version of {template.name} has become too long"})
    return version


def latest(template: TaskTemplate) -> Task:
    """What a deploy takes without a choice. Raises Invalid while nothing has been built."""
    found = db.session.scalar(_of(template).limit(1))
    if found is None:
        raise Invalid({"build_task_id": "There is no successful build yet that it could deploy"})
    return found


def chosen(template: TaskTemplate, build_task_id: int) -> Task:
    """The build that somebody has chosen. Raises Invalid for what the template cannot deploy."""
    found = db.session.scalar(_of(template).where(Task.id == build_task_id))
    if found is None:
        raise Invalid({"build_task_id": f"Run {build_task_id} is no successful build to deploy"})
    return found


def offered(template: TaskTemplate, besides: int | None = None) -> list[Task]:
    """The newest builds that a run of the template can deploy, and `besides` if it is one."""
    found = list(db.session.scalars(_of(template).limit(OFFERED)))
    if besides and besides not in {build.id for build in found}:
        found += db.session.scalars(_of(template).where(Task.id == besides))
    return found


def named(template: TaskTemplate, text: str) -> list[int]:
    """The builds that it can deploy of this number, and the newest one of this version, by id.

    Of what is a deploy itself the version is known of the newest ones.
    """
    own = _of(template).where(Task.version == text).limit(1)
    found = {build.id for build in db.session.scalars(own)}
    newest = offered(template, whole(text))
    deployed = versions(newest)
    found |= {build.id for build in newest if str(build.id) == text}
    found |= set([build.id for build in newest if deployed[build.id] == text][:1])
    return sorted(found)


def incoming(task: Task) -> str | None:
    """The version that a run deploys: of the build at the start of the chain, if it is there."""
    return versions([task])[task.id]


def versions(tasks: Sequence[Task]) -> dict[int, str | None]:
    """The version that each of some runs deploys, by its id."""
    chain = _chain(tasks)
    return {task.id: _version(task, chain) for task in tasks}


def _chain(tasks: Sequence[Task]) -> dict[int, Row[Any]]:
    """What the runs deploy, itself or through other deploys: one query for each step."""
    query = select(Task.id, Task.version, Task.build_task_id, TaskTemplate.type)
    query = query.join(TaskTemplate, TaskTemplate.id == Task.template_id)
    found: dict[int, Row[Any]] = {}
    wanted = {task.build_task_id for task in tasks} - {None}
    while wanted:
        rows = db.session.execute(query.where(Task.id.in_(wanted))).all()
        found |= {row.id: row for row in rows}
        wanted = {row.build_task_id for row in rows if row.type != BUILD} - {None, *found}
    return found


def _version(task: Task, chain: Mapping[int, Row[Any]]) -> str | None:
    version, step, seen = None, task.build_task_id, {task.id}
    while step and step not in seen:
        seen.add(step)
        if step not in chain:
            return None
        row = chain[step]
        version, step = row.version, None if row.type == BUILD else row.build_task_id
    return version


def deployments(build: Task) -> list[Task]:
    """The newest runs that have deployed a build."""
    query = select(Task).where(Task.build_task_id == build.id).options(joinedload(Task.template))
    return list(db.session.scalars(query.order_by(Task.id.desc()).limit(OFFERED)))


def commit_of(build: Task | None, template: TaskTemplate, data: TaskIn) -> str | None:
    """The commit that a deploy uses: that of its build, where both are of one repository and the
    run names no branch of its own."""
    if build is None or data.git_branch:
        return None
    is_same = build.template.repository_id == template.repository_id
    return build.commit_hash if is_same else None


def fill(template: TaskTemplate, data: TaskTemplateIn) -> None:
    """Take over what belongs to the type; the rest is emptied, as clients know it."""
    is_build, is_deploy = data.type == BUILD, data.type == DEPLOY
    template.type = data.type
    template.start_version = data.start_version if is_build else None
    template.build_template_id = data.build_template_id if is_deploy else None
    template.autorun = data.autorun and is_deploy


def check(template: TaskTemplate | None, project: Project, data: TaskTemplateIn) -> None:
    """What a template builds or deploys; None is one that is new. Raises Invalid."""
    if data.type == BUILD:
        try:
            following(data.start_version or FIRST, None)
        except ValueError as error:
            raise Invalid({"start_version": str(error)}) from error
    if data.type == DEPLOY:
        field, wanted = "build_template_id", data.build_template_id
        source = check_reference(TaskTemplate, project, field, wanted)
        if source is None:
            raise Invalid({field: "Choose the template whose builds it deploys"})
        check_chain(template, source)
    if template is not None and data.type not in (BUILD, DEPLOY):
        _refuse_to_end(template)


def _refuse_to_end(template: TaskTemplate) -> None:
    """Raise Invalid if others deploy what a template makes that is to make nothing any more."""
    query = select(TaskTemplate.name).filter_by(build_template_id=template.id)
    if names := db.session.scalars(query.order_by(TaskTemplate.id).limit(NAMED)).all():
        raise Invalid({"type": f"What it builds is deployed by {', '.join(names)}"})


def check_chain(template: TaskTemplate | None, source: TaskTemplate | None) -> None:
    """Raise Invalid where what a template deploys leads back to it, or to what builds nothing."""
    seen, first = {template.id} if template else set(), source
    while source:
        if source.id in seen:
            raise Invalid({"build_template_id": "It would deploy itself, round a circle"})
        if source.type != DEPLOY:
            break
        seen.add(source.id)
        source = source_of(source)
    if first and (source is None or source.type != BUILD):
        raise Invalid({"build_template_id": f"{first.name} builds nothing"})


def sources(project: Project, template: TaskTemplate | None) -> list[tuple[int, str]]:
    """What a template can deploy: the templates that build, and those that deploy, by name."""
    query = select(TaskTemplate.id, TaskTemplate.name).filter_by(project_id=project.id)
    query = query.where(TaskTemplate.type.in_((BUILD, DEPLOY)))
    found = db.session.execute(query.order_by(TaskTemplate.name))
    return [(row.id, row.name) for row in found if template is None or row.id != template.id]


def source_of(template: TaskTemplate) -> TaskTemplate | None:
    wanted = template.build_template_id
    return db.session.get(TaskTemplate, wanted) if wanted else None


def _of(template: TaskTemplate) -> Any:
    """The successful runs of what a template deploys, newest first; none that was only to look."""
    query = select(Task).where(Task.status == TaskStatus.SUCCESS, Task.result.is_(None))
    query = query.where(Task.template_id == template.build_template_id)
    return query.options(joinedload(Task.template)).order_by(Task.id.desc())
