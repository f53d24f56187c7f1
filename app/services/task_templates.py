"""Templates: which script of which repository can be run, and with what."""

from pathlib import PurePosixPath

from app.db import db
from app.errors import Invalid
from app.executors import executor_of
from app.models import (
    Environment,
    Inventory,
    Project,
    ProjectView,
    Repository,
    TaskTemplate,
    User,
)
from app.schemas.base import INSIDE, is_inside
from app.schemas.inventories import InventoryIn
from app.schemas.task_templates import TaskTemplateIn
from app.services import (
    apps,
    builds,
    events,
    inventories,
    survey_answers,
    task_params,
    tasks,
    template_groups,
    template_vaults,
    template_workspaces,
    workspace_holders,
)
from app.services.references import (
    Refs,
    check_reference,
    count_change,
    get_owned,
    hold,
    named,
    refs,
    refuse_in_use,
    remove,
    require_reference,
)

# What a change takes over as it is; references, app and types have rules of their own.
PLAIN = (
    "name", "app", "playbook", "description", "arguments", "git_branch", "working_directory",
    "allow_override_args_in_task", "allow_override_branch_in_task", "allow_any_vars_in_task",
    "allow_parallel_tasks", "suppress_success_alerts", "suppress_error_alerts", "runner_tag",
)  # fmt: skip
NOT_A_FILE = "Must name a file inside the repository, not its directory: path/to/it"
OURS = ("max_duration", "rerun_if_lost", "retries", "retry_pause")  # kept by who does not know them
# What clients know and no run honours yet. A value that asks for something is refused: a template
# that looks as if it did what it does not do is worse than none.
UNUSED = {
    "runner_tag": "No worker serves tags yet, so it would wait for ever: leave it empty",
}


def get(project: Project, template_id: int) -> TaskTemplate:
    return get_owned(TaskTemplate, project, template_id)


def create(project: Project, data: TaskTemplateIn, *, actor: User | None) -> TaskTemplate:
    """Raises Invalid that names the field: an unknown app, or an object of another project."""
    _check(None, project, data)
    template = add(project, data, actor=actor)
    workspace_holders.take_default(template, None)
    if executor_of(data.app).takes_workspace and template.inventory is None:
        template.inventory = _workspace(project, template, actor)
        db.session.flush()  # The answer shows its id.
    return template


def _workspace(project: Project, template: TaskTemplate, actor: User | None) -> Inventory:
    """An inventory of its own, as the original makes one: the workspace that is always there."""
    data = InventoryIn(
        name=f"{template.name} - default"[-255:],
        type=f"{template.app}-workspace",
        inventory="default",
        template_id=template.id,
    )
    return inventories.create(project, data, actor=actor)


def add(project: Project, data: TaskTemplateIn, *, actor: User | None) -> TaskTemplate:
    """Make a template as it was somewhere else: with an app that this server lacks, or a type that
    it does not know, it is kept but cannot run. Raises Invalid for an object of another project.
    """
    template = TaskTemplate(project_id=project.id)
    groups = _fill(template, project, data)
    db.session.add(template)
    db.session.flush()  # The groups and the event need the id.
    template_groups.replace(template, groups)
    events.record(project.id, actor, template, "created")
    return template


def update(
    project: Project, template_id: int, data: TaskTemplateIn, *, actor: User | None
) -> TaskTemplate:
    template = get(project, template_id)
    count_change(template)
    _check(template, project, data)
    db.session.expire(template, ["inventory_id", "inventory"])
    before = template.inventory
    groups = _fill(template, project, data)
    if template.inventory is not before:
        workspace_holders.take_default(template, before)
        template_workspaces.refuse_while_used(template)
    template_groups.replace(template, groups)
    events.record(project.id, actor, template, "updated")
    return template


def describe(project: Project, template_id: int, text: str, *, actor: User | None) -> None:
    """Change nothing but the description."""
    template = get(project, template_id)
    count_change(template)
    template.description = text
    events.record(project.id, actor, template, "updated")


def delete(project: Project, template_id: int, *, actor: User | None) -> None:
    """Delete a template with its tasks and their output.

    Raises InUse while others deploy what it builds, and Busy while tasks of it are active.
    """
    template = get(project, template_id)
    hold(template)  # a run that starts now is counted, or finds no template
    refuse_in_use("Template", refs_of(template))
    tasks.refuse_while_active(template.name, tasks.unfinished(template=template))
    events.record(project.id, actor, template, "deleted")
    remove("Template", template)


def refs_of(template: TaskTemplate) -> Refs:
    """Who deploys what the template builds."""
    return refs(templates=named(TaskTemplate, TaskTemplate.build_template_id == template.id))


def _fill(template: TaskTemplate, project: Project, data: TaskTemplateIn) -> list[Environment]:
    """Take over what is asked for; return the variable groups, which are rows of their own."""
    for name in PLAIN:
        setattr(template, name, getattr(data, name))
    builds.fill(template, data)
    template.task_params = (
        task_params.of_template(data.app, data.task_params)
        if apps.exists(data.app)
        else data.task_params
    )
    template.survey_vars = [var.stored() for var in data.survey_vars]
    template.repository = require_reference(
        Repository, project, "repository_id", data.repository_id
    )
    template_vaults.replace(template, project, data.vaults)
    template.inventory = check_reference(Inventory, project, "inventory_id", data.inventory_id)
    view = check_reference(ProjectView, project, "view_id", data.view_id)
    template.view_id = view.id if view else None
    for name in OURS:
        if (value := getattr(data, name)) is not None:
            setattr(template, name, value)
    return template_groups.wanted(template, project, data)


def _check(template: TaskTemplate | None, project: Project, data: TaskTemplateIn) -> None:
    _check_app(data)
    task_params.check_template(data.app, data.task_params)
    _refuse_unused(data)
    survey_answers.check_questions(data)
    builds.check(template, project, data)


def _check_app(data: TaskTemplateIn) -> None:
    """The original's words, which clients know."""
    if not apps.exists(data.app):
        message = f"Invalid app id: {data.app[:80]}"
        raise Invalid({"app": message}, message)
    executor = executor_of(data.app)
    _check_playbook(data.playbook, takes_directory=executor.takes_directory)
    if reason := task_params.steps_refusal(data.app, data.arguments):
        raise Invalid({"arguments": reason})
    if executor.needs_inventory and data.inventory_id is None:
        message = "template inventory can not be empty"
        raise Invalid({"inventory_id": message}, message)


def _check_playbook(given: str, *, takes_directory: bool) -> None:
    """A file must be one. The original's words, which clients know, for one that is not named."""
    if takes_directory:
        return
    if not given.strip():
        message = "template playbook can not be empty"
        raise Invalid({"playbook": message}, message)
    if not is_inside(given):
        raise Invalid({"playbook": INSIDE})
    if not PurePosixPath(given).parts:
        raise Invalid({"playbook": NOT_A_FILE})


def _refuse_unused(data: TaskTemplateIn) -> None:
    given = {name for name in UNUSED if not task_params.is_empty(getattr(data, name))}
    if given:
        raise Invalid({name: why for name, why in UNUSED.items() if name in given})
