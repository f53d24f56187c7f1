"""What a task may change of its template: given, allowed, or refused by name; never dropped."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from app.errors import Invalid
from app.executors import EXECUTORS, executor_of, lengths
from app.executors.parameters import Parameter
from app.lib import step_arguments
from app.models import Task, TaskTemplate
from app.schemas.task_templates import DEPLOY
from app.schemas.tasks import TaskIn, is_empty
from app.services import survey_answers

NOT_OPEN = "This template does not allow to change it"
BUILD_TASK = "build_task_id"  # of a deploy always open
# Switches among the template's task_params.
OVERRIDE_INVENTORY = "allow_override_inventory"
OVERRIDE_GROUP = "allow_override_environment"

# Parameter -> the template's switch that opens it. Without one it is never open.
OPENED_BY = {
    "arguments": "allow_override_args_in_task",
    "git_branch": "allow_override_branch_in_task",
    "inventory_id": OVERRIDE_INVENTORY,
    "environment_id": OVERRIDE_GROUP,
}
CLOSED = ("playbook", "version")


def check(data: TaskIn, template: TaskTemplate, *, trusted: bool = False) -> None:
    """Raise Invalid that names every parameter which would otherwise be dropped in silence.

    A value that is empty, or the template's own, asks for nothing and is never refused. `trusted`:
    who starts it may edit the template as well, so that all arguments are open to him.
    """
    refused = {name: "Unknown parameter" for name, v in data.unknown.items() if not is_empty(v)}
    for name in (*CLOSED, *OPENED_BY, BUILD_TASK):
        if not is_open(template, name) and _differs(getattr(data, name), template, name):
            refused[name] = NOT_OPEN
    refused |= _refused_params(data, template) or _conflicts(data, template)
    refused |= _too_long(data)
    refused |= _refused_arguments(data, template, trusted) | survey_answers.refusals(data, template)
    if refused:
        raise Invalid(refused)


def is_open(template: TaskTemplate, name: str) -> bool:
    """Whether a run may change the parameter."""
    if name == BUILD_TASK:
        return template.type == DEPLOY
    switch = OPENED_BY.get(name, "")
    if switch in (OVERRIDE_INVENTORY, OVERRIDE_GROUP):
        return bool((template.task_params or {}).get(switch))
    return bool(switch) and getattr(template, switch)


def of_tool(app: str) -> dict[str, Parameter]:
    """The parameters of a kind of template, by name."""
    return {p.name: p for p in executor_of(app).parameters}


def switches_of(app: str) -> set[str]:
    """The names of what opens something to the runs of a kind of template."""
    tool = executor_of(app)
    found = {OVERRIDE_GROUP, *(p.switch for p in tool.parameters if p.switch)}
    return found | ({OVERRIDE_INVENTORY} if tool.needs_inventory or tool.takes_workspace else set())


def opened(template: TaskTemplate) -> list[Parameter]:
    """The tool's parameters that a run of the template may give."""
    own = template.task_params or {}
    return [p for p in of_tool(template.app).values() if p.is_open(own)]


def given(data: TaskIn, template: TaskTemplate) -> dict[str, Any]:
    """The tool's parameters of a start that `check` has let pass, each in its own type."""
    known = of_tool(template.app)
    asked = {name: v for name, v in data.tool_params.items() if not is_empty(v)}
    return {name: known[name].read(value) for name, value in asked.items()}


def merged(task: Task) -> dict[str, Any]:
    """The tool's parameters of a run: the template's, replaced by those that were given."""
    return with_own(task.template, task.params or {})


def with_own(template: TaskTemplate, given: Mapping[str, Any]) -> dict[str, Any]:
    """The template's parameters, replaced by those that a run gives."""
    own, known = template.task_params or {}, of_tool(template.app)
    kept = {name: v for name, v in own.items() if name in known and not is_empty(v)}
    return kept | {name: v for name, v in given.items() if name in known}


def check_template(app: str, params: dict[str, Any] | None) -> None:
    """Raise Invalid that names what a template of this app cannot have, or not with the rest."""
    kept = of_template(app, params) or {}
    asked = {name for name, value in kept.items() if not is_empty(value)}
    if refused := _at("task_params", executor_of(app).conflicts(kept, asked)):
        raise Invalid(refused)


def of_template(app: str, params: dict[str, Any] | None) -> dict[str, Any] | None:
    """The task_params that a template of this app stores. Raises Invalid that names the field."""
    if params is None:
        return None
    known = of_tool(app)
    switches = switches_of(app)
    kept, refused = {}, {}
    for name, value in params.items():
        parameter = known.get(name)
        try:
            if is_empty(value):
                kept[name] = value  # It asks for nothing, and clients compare what they sent.
            elif parameter and parameter.of_template:
                kept[name] = parameter.read(value)
            elif name in switches:
                kept[name] = Parameter(name, "flag", name).read(value)
            else:
                raise ValueError(f"{app or 'This kind of template'} has no such parameter")
        except ValueError as error:
            refused[f"task_params.{name}"] = str(error)
    if refused:
        raise Invalid(refused)
    return kept


@cache
def _of_any_tool() -> frozenset[str]:
    return frozenset(p.name for tool in EXECUTORS.values() for p in tool.parameters)


def _differs(given: Any, template: TaskTemplate, name: str) -> bool:
    if is_empty(given):
        return False
    if name == "environment_id":
        return template.environment_ids != [given]
    own = getattr(template, name, None)
    if name == "arguments" and own:
        return json.loads(given) != json.loads(own)
    return given != own


def _refused_arguments(data: TaskIn, template: TaskTemplate, trusted: bool) -> dict[str, str]:
    if is_empty(data.arguments) or not is_open(template, "arguments"):
        return {}
    if not _differs(data.arguments, template, "arguments"):
        return {}
    if reason := steps_refusal(template.app, data.arguments):
        return {"arguments": reason}
    by_step = {} if trusted else step_arguments.read(data.arguments)
    tool = executor_of(template.app)
    reasons = (tool.refusal(listed, step) for step, listed in by_step.items())
    found = next(filter(None, reasons), "")
    return {"arguments": found} if found else {}


def steps_refusal(app: str, arguments: str | None) -> str:
    """Why a template or a run of this app may not have arguments by step; "" if it may."""
    if executor_of(app).has_steps or not step_arguments.is_by_step(arguments):
        return ""
    return "Must be a list: it has no steps with arguments of their own"


def _too_long(data: TaskIn) -> dict[str, str]:
    by_step = {} if is_empty(data.arguments) else step_arguments.read(data.arguments)
    if any(lengths.is_too_long("", word) for listed in by_step.values() for word in listed):
        return {"arguments": f"Each must be shorter than {lengths.SHOWN}"}
    return {}


def _why_not(parameter: Parameter, value: Any, own: Mapping[str, Any]) -> str:
    """Why a run may not give this value; "" if it may, or if it is the template's own."""
    try:
        if parameter.read(value) == own.get(parameter.name):
            return ""
        parameter.read_of_run(value)
    except ValueError as error:
        return str(error)
    return "" if parameter.is_open(own) else NOT_OPEN


def _conflicts(data: TaskIn, template: TaskTemplate) -> dict[str, str]:
    """What does not go with the rest of the parameters of the run, the template's among them."""
    run, own = given(data, template), template.task_params or {}
    asked = {name for name, value in run.items() if value != own.get(name)}
    merged = with_own(template, run)
    return _at("params", executor_of(template.app).conflicts(merged, asked))


def _at(place: str, found: Mapping[str, str]) -> dict[str, str]:
    return {f"{place}.{name}": reason for name, reason in found.items()}


def _refused_params(data: TaskIn, template: TaskTemplate) -> dict[str, str]:
    known, own = of_tool(template.app), template.task_params or {}
    refused = {}
    for name, value in data.tool_params.items():
        if is_empty(value):
            continue
        field = f"params.{name}" if name in (data.params or {}) else name
        parameter = known.get(name)
        if parameter is None:
            refused[field] = NOT_OPEN if name in _of_any_tool() else "Unknown parameter"
            continue
        if reason := _why_not(parameter, value, own):
            refused[field] = reason
    return refused
