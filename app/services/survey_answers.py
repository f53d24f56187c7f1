"""The answers to a template's questions: declared, in their place, allowed, and all that must be.

Pages, API and whatever else starts runs come here, through services.tasks.start.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic_core import from_json

from app.errors import Invalid
from app.executors import executor_of, lengths, reserved
from app.executors.environment import as_text
from app.models import TaskTemplate
from app.schemas import survey_kinds
from app.schemas.task_templates import TaskTemplateIn
from app.schemas.tasks import TaskIn, is_empty

RESERVED = "Only the template may set variables that change the tool itself"
ASKED_RESERVED = "It changes the tool itself, so no run may set it: choose another name"
REQUIRED = "An answer is required"
TOO_LONG = f"Must be shorter than {lengths.SHOWN}, the most that Linux hands to a program"
TOO_LONG_TOGETHER = f"All answers together must be shorter than {lengths.TOGETHER_SHOWN}"

Questions = dict[str, dict[str, Any]]


def questions(template: TaskTemplate) -> Questions:
    """What a start is asked for, by variable."""
    return {var["name"]: var for var in template.survey_vars or [] if var["name"]}


def check_questions(data: TaskTemplateIn) -> None:
    """Raise Invalid that names a variable which no run of the template may set."""
    refused = {}
    for place, var in enumerate(data.survey_vars):
        if _is_reserved(data.app, var.name, var.model_dump()):
            refused[f"survey_vars.{place}.name"] = ASKED_RESERVED
    if refused:
        raise Invalid(refused)


def refusals(data: TaskIn, template: TaskTemplate) -> dict[str, str]:
    """Why answers are refused, by place and variable: {"environment.port": "Must be …"}."""
    survey = questions(template)
    refused = {}
    for place, name, value in _given(data):
        field, var = f"{place}.{name}", survey.get(name)
        reason = _misplaced(name, var, place, template)
        if reason and not is_empty(value):
            refused[field] = reason
        elif not (reason or survey_kinds.is_missing(value)) and (wrong := _wrong(name, var, value)):
            refused[field] = wrong
    refused |= _too_long(data, template, refused)
    answered = data.answers | data.secret_answers
    for name, var in survey.items():
        missing = survey_kinds.is_missing(answered.get(name))
        if var.get("required") and missing and survey_kinds.is_missing(var.get("default_value")):
            refused[f"{_place(var)}.{name}"] = REQUIRED
    return refused


def secret_questions(template: TaskTemplate) -> set[str]:
    """The variables whose answers are secret."""
    return {name for name, var in questions(template).items() if _place(var) == "secret"}


def kept(data: TaskIn, template: TaskTemplate) -> tuple[str, str]:
    """The answers as a run keeps them, open and secret: JSON texts, or empty ones.

    They are in the types of their questions, without empty values for what is not asked for, and
    with the defaults of what was not answered.
    """
    survey = questions(template)
    found = []
    for place, text in (("environment", data.environment), ("secret", data.secret)):
        answers = json.loads(text or "{}")
        wanted = {name: survey_kinds.as_given_to_tools(survey.get(name, {}), value)
                  for name, value in answers.items()
                  if not _misplaced(name, survey.get(name), place, template)}  # fmt: skip
        if place == "environment":
            wanted |= _defaults(survey, wanted)
        same = wanted == answers
        found.append((text or "") if same else json.dumps(wanted, ensure_ascii=False))
    return found[0], found[1]


def _defaults(survey: Questions, answers: Mapping[str, Any]) -> dict[str, Any]:
    """An empty answer counts as none where one is required; otherwise it is one."""
    found = {}
    for name, var in survey.items():
        default = var.get("default_value")
        if _place(var) == "secret" or survey_kinds.is_missing(default):
            continue
        if name not in answers or (var.get("required") and survey_kinds.is_missing(answers[name])):
            found[name] = survey_kinds.of(var).typed(default)
    return found


def of_texts(template: TaskTemplate, found: Mapping[str, str]) -> dict[str, Any]:
    """Texts of a request from outside as answers: several choices are a list in them."""
    survey = questions(template)
    return {
        name: _choices(survey[name], text) if _is_list(survey.get(name, {})) else text
        for name, text in found.items()
    }


def _is_list(var: Mapping[str, Any]) -> bool:
    return survey_kinds.of(var).field == "choices"


def _choices(var: Mapping[str, Any], text: str) -> list[str]:
    """One of the choices, a JSON list of them, or several with commas between them."""
    if text in [one.get("value") for one in var.get("values") or []]:
        return [text]
    try:
        listed = from_json(text)
    except ValueError:
        listed = None
    return listed if isinstance(listed, list) else [one for one in text.split(",") if one]


def to_environment(template: TaskTemplate, names: Iterable[str]) -> set[str]:
    """Which of these variables go into the environment of the process, as the template wants."""
    survey = questions(template)
    return {name for name in names if survey.get(name, {}).get("target") == "env"}


def _given(data: TaskIn) -> Iterator[tuple[str, str, Any]]:
    for place, answers in (("environment", data.answers), ("secret", data.secret_answers)):
        for name, value in answers.items():
            yield place, name, value


def _place(var: Mapping[str, Any]) -> str:
    return "secret" if var.get("type") == "secret" else "environment"


def _misplaced(
    name: str, var: dict[str, Any] | None, place: str, template: TaskTemplate
) -> str | None:
    if _is_reserved(template.app, name, var or {"type": "secret" if place == "secret" else ""}):
        return RESERVED
    if var is None:
        return None if template.allow_any_vars_in_task else "Unknown variable"
    if _place(var) == place:
        return None
    if place == "environment":
        return "A secret answer belongs into `secret`"
    return "This variable is no secret; it belongs into `environment`"


def _is_reserved(app: str, name: str, var: Mapping[str, Any]) -> bool:
    """Whether the variable is more than data at the place that it would get to."""
    executor = executor_of(app)
    is_secret = _place(var) == "secret"
    in_process = var.get("target") == "env" or (is_secret and executor.secrets_in_environment)
    return executor.reserves(name) or (in_process and reserved.of_process(name))


def _too_long(data: TaskIn, template: TaskTemplate, refused: Mapping[str, str]) -> dict[str, str]:
    """Which answers the program cannot be started with, and why; those in `refused` count not."""
    executor, survey, found, together = executor_of(template.app), questions(template), {}, 0
    for place, name, value in _given(data):
        in_env = survey.get(name, {}).get("target") == "env"
        if f"{place}.{name}" in refused or (executor.reads_variables and not in_env):
            continue
        size = lengths.BEFORE + lengths.size(name, as_text(value))
        together += size
        if size > lengths.LONGEST:
            found[f"{place}.{name}"] = TOO_LONG
    return found or ({"environment": TOO_LONG_TOGETHER} if together > lengths.TOGETHER else {})


def _wrong(name: str, var: dict[str, Any] | None, value: Any) -> str | None:
    """Why it is no answer; what is not asked for only has to be something that tools can take."""
    try:
        if var is not None:
            survey_kinds.check(var, value)
        else:
            survey_kinds.check_free(name, value)
    except ValueError as error:
        return str(error)
    return None
