"""The parameters of a tool as fields: "param.limit", and switches that open them to runs."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from flask import request

from app.executors import executor_of
from app.executors.parameters import LEVELS, Parameter
from app.lib.whole_numbers import whole
from app.models import Task, TaskTemplate
from app.services import task_params

PREFIX = "param."
PLACES = ("task_params.", "params.")  # where templates and starts find faults


class Field(NamedTuple):
    """A parameter with its value; `switches` follow it: (name, text, whether it is set)."""

    name: str
    parameter: Parameter
    value: Any
    switches: tuple[tuple[str, str, bool], ...] = ()


def of_template(app: str, params: Mapping[str, Any] | None) -> list[Field]:
    """The fields of a template's form; a switch stands once, after its first parameter."""
    values, seen, fields = params or {}, set[str](), []
    for parameter in task_params.of_tool(app).values():
        switches = []
        if parameter.switch and parameter.switch not in seen:
            seen.add(parameter.switch)
            is_set = bool(values.get(parameter.switch))
            switches.append((PREFIX + parameter.switch, _switch_text(parameter), is_set))
        if parameter.of_template or switches:
            value = _shown(values.get(parameter.name))
            fields.append(Field(PREFIX + parameter.name, parameter, value, tuple(switches)))
    return fields


def of_run(template: TaskTemplate, before: Mapping[str, Any] | None) -> list[Field]:
    """The fields of a run sheet: what is open, with values of a run before or the template's; and
    what the template has closed since it was given, to be refused while it is there."""
    values = (template.task_params or {}) if before is None else before
    if request.method == "POST":
        values = sent(template.app)
    own = template.task_params or {}
    return [
        Field(PREFIX + name, one, _shown(values.get(name)))
        for name, one in task_params.of_tool(template.app).items()
        if one.is_open(own) or (values.get(name) and values[name] != own.get(name))
    ]


def sent(app: str) -> dict[str, Any]:
    """The parameters of a form that was sent, switches among them, each in its own type."""
    known = task_params.of_tool(app)
    found: dict[str, Any] = {
        name: read(one, request.form.get(PREFIX + name, "")) for name, one in known.items()
    }
    for name in task_params.switches_of(app):
        found[name] = bool(request.form.get(PREFIX + name))
    return {name: value for name, value in found.items() if value}


def given(template: TaskTemplate) -> dict[str, Any]:
    """What a form gives of a run's parameters; a start refuses by name what is not open."""
    known = task_params.of_tool(template.app)
    return {name: value for name, value in sent(template.app).items() if name in known}


def told(task: Task) -> list[tuple[str, str]]:
    """What a run was given of it: the label and the value, of each in words."""
    known = task_params.of_tool(task.template.app)
    return [
        (known[name].label if name in known else name, _in_words(value))
        for name, value in (task.params or {}).items()
    ]


def _in_words(value: Any) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(_shown(value))


def labels(app: str) -> dict[str, str]:
    """What each field is called; the inventory of tools that take a workspace is one."""
    own = {PREFIX + name: one.label for name, one in task_params.of_tool(app).items()}
    return {"inventory_id": "Workspace"} | own if executor_of(app).takes_workspace else own


def at_fields(errors: Mapping[str, str]) -> dict[str, str]:
    """Errors by the names of the fields: task_params.limit is param.limit."""
    return {_field(name): text for name, text in errors.items()}


def _field(name: str) -> str:
    found = next((place for place in PLACES if name.startswith(place)), None)
    return PREFIX + name.removeprefix(found) if found else name


def _switch_text(parameter: Parameter) -> str:
    if parameter.open_unless:
        return f"“{parameter.label}” is not offered when running"
    if parameter.of_template:
        return "May be changed when running"
    return f"“{parameter.label}” may be chosen when running"


def read(parameter: Parameter, text: str) -> Any:
    """A parameter as it is typed, in its own type; what is no number stays a text."""
    value = text.strip()
    if parameter.kind == "flag":
        return bool(value)
    if parameter.kind == "level":
        number = whole(value)
        return value if number is None else number
    if parameter.kind == "text":
        return value
    return [part.strip() for part in value.split(",") if part.strip()]


def _shown(value: Any) -> Any:
    return ", ".join(map(str, value)) if isinstance(value, list) else value


def levels() -> Iterable[tuple[str, str]]:
    """The choices of a debug level."""
    return [("", ""), *((str(level), "-" + "v" * level) for level in LEVELS)]
