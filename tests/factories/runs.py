"""Templates, their runs and what these have told, workers."""

from io import BytesIO
from typing import Any

from app.db import db, transaction
from app.lib.plan_changes import PlanChanges
from app.lib.tool_outputs import ToolOutput
from app.models import Project, ProjectView, Schedule, Task, TaskArtifact, TaskTemplate
from app.services import task_artifacts, task_plan_changes, task_tool_outputs, workers
from tests.factories.resources import repository
from tests.factories.rows import add, save


def template(project: Project, name: str = "Hello", **values: Any) -> TaskTemplate:
    given: dict[str, Any] = {"app": "bash", "playbook": "hello.sh"} | values
    if "repository_id" not in given:
        given["repository_id"] = repository(project).id
    return add(TaskTemplate(project_id=project.id, name=name, **given))


def view(project: Project, title: str = "Deploy", **values: Any) -> ProjectView:
    return add(ProjectView(project_id=project.id, title=title, **values))


def schedule(template: TaskTemplate, name: str = "Nightly", **values: Any) -> Schedule:
    given = {"cron_format": "0 2 * * *"} | values
    return add(
        Schedule(project_id=template.project_id, template_id=template.id, name=name, **given)
    )


def task(template: TaskTemplate, **values: Any) -> Task:
    return add(Task(project_id=template.project_id, template_id=template.id, **values))


def artifact(task: Task, name: str, content: bytes) -> TaskArtifact:
    """A file that a run has left, whoever held it."""
    claim, task.claim = task.claim, "artifact"
    db.session.flush()
    task_artifacts.keep(task.id, "artifact", name, BytesIO(content))
    task.claim = claim
    save()
    return next(row for row in task_artifacts.of(task) if row.name == name)


def plan(task: Task, changes: PlanChanges | None, **told: Any) -> None:
    """What a run has told of its plan, whoever held it."""
    claim, task.claim = task.claim, "plan"
    db.session.flush()
    given = {"sha256": "a" * 64, "line": 7} | told
    task_plan_changes.keep(task, "plan", str, changes=changes, **given)
    task.claim = claim
    save()


def outputs(task: Task, **values: str | None) -> None:
    """The outputs of what a run has applied, whoever held it; those of None are sensitive."""
    claim, task.claim = task.claim, "outputs"
    db.session.flush()
    found = [
        ToolOutput(name, "string", sensitive=value is None, value=value)
        for name, value in values.items()
    ]
    task_tool_outputs.keep(task, "outputs", str, outputs=found)
    task.claim = claim
    save()


def worker(slots: int = 2, tags: tuple[str, ...] = ()) -> str:
    """The id of a worker that has shown its life."""
    with transaction():
        worker_id = workers.register(slots, list(tags))
        db.session.flush()
        workers.beat(worker_id)
    return worker_id
