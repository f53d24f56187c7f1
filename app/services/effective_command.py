"""The command lines that a run of a template gets, for people to read."""

import json
import shlex
from collections.abc import Iterable, Mapping
from typing import Any

from app.executors import executor_of
from app.executors.base import CommandLine
from app.executors.spec import InventorySpec, RepositorySpec, RunSpec
from app.models import Environment, Inventory, Task, TaskTemplate
from app.services import (
    apps,
    engine_settings,
    run_arguments,
    run_specs,
    survey_answers,
    task_output,
    task_params,
    variables,
)


def of_template(
    template: TaskTemplate,
    arguments: str | None = None,
    answers: str | None = None,
    params: Mapping[str, Any] | None = None,
    *,
    group: Environment | None = None,
    inventory: Inventory | None = None,
) -> str:
    """What a run of a stored template starts; all but the template is the run's own: `arguments`
    and open `answers` are JSON, `group` and `inventory` count in the place of the template's."""
    return show(
        template.app,
        template.playbook,
        template.arguments,
        [group] if group else template.environments,
        arguments,
        _of_tool(template, answers),
        task_params.with_own(template, params or {}),
        inventory or template.inventory,
    )


def of_task(task: Task) -> str:
    """What a run with this one's parameters starts, by the template as it is today."""
    template = task.template
    own = task.arguments if task.arguments != template.arguments else None
    groups, answers = task.groups, _of_tool(template, task.environment)
    params = task_params.merged(task)
    hosts = run_specs.inventory_of(task)
    given = (template.arguments, groups, own, answers, params, hosts)
    return show(template.app, template.playbook, *given)


def executed(task: Task) -> str:
    """The command line that a run has started, as its log tells it; empty if the log does not.

    It is as long as the log shows it, and a later attempt counts before an earlier one.
    """
    if task.log_deleted_at:
        return ""
    parts = [part for part in task_output.sections(task)[1] if part["title"] == "Run"]
    if not parts:
        return ""
    told = task_output.lines(task, parts[-1]["from"], 1).lines
    return told[0].removeprefix("$ ") if told and told[0].startswith("$ ") else ""


def show(
    app: str,
    playbook: str,
    arguments: str | None,
    groups: Iterable[Environment],
    own: str | None = None,
    answers: str | None = None,
    params: Mapping[str, Any] | None = None,
    inventory: Inventory | None = None,
) -> str:
    """The command lines, quoted for a shell; empty without a script, or for an unknown app.

    Secrets are not in it: no command line holds any. What is no JSON, as somebody may be typing
    it, counts as not given.
    """
    executor = executor_of(app)
    if apps.find(app) is None or not (playbook or executor.takes_directory):
        return ""
    spec = RunSpec(
        task_id=0,
        project_id=0,
        app=app,
        playbook=playbook,
        repository=RepositorySpec(id=0, url="", branch=""),
        settings=engine_settings.of_server(app),
        mark="",
        **run_arguments.of_texts(arguments, own),
        params=params or {},
        inventory=_named(inventory) if inventory else None,
        extra_vars=_plain(groups) | _loads(answers, dict),
    )
    return "\n".join(map(_text, executor().outline(spec)))


def _text(line: CommandLine) -> str:
    return shlex.join(line.argv) + (f"  # {line.when}" if line.when else "")


def _named(row: Inventory) -> InventorySpec:
    """What the command line says of an inventory: no hosts, and nothing decrypted."""
    other = RepositorySpec(id=row.repository_id, url="", branch="") if row.repository_id else None
    text = row.inventory or ""
    return InventorySpec(id=row.id, name=row.name, type=row.type, text=text, repository=other)


def _of_tool(template: TaskTemplate, answers: str | None) -> str:
    """The answers that do not go into the environment of the process."""
    found = _loads(answers, dict)
    in_env = survey_answers.to_environment(template, found)
    return json.dumps({name: value for name, value in found.items() if name not in in_env})


def _plain(groups: Iterable[Environment]) -> dict[str, Any]:
    found = (one for one in variables.merge(groups) if one.kind == "var")
    return {one.name: one.value for one in found if not one.secret}


def _loads(text: str | None, kind: type) -> Any:
    try:
        found = json.loads(text or "null")
    except ValueError:
        found = None
    return found if isinstance(found, kind) else kind()
