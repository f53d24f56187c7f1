"""What a link fills into a run sheet: /p/1/templates/3/run?release=1.2&limit=web1&branch=fix"""

from typing import Any, NamedTuple

from flask import request

from app.executors.parameters import Parameter
from app.lib import argument_lines
from app.models import Project, TaskTemplate
from app.schemas import survey_kinds
from app.services import task_params
from app.web import link_choices, survey, tool_params

# What a link calls the fields of the sheet.
FIELDS = {
    "message": "message",
    "branch": "git_branch",
    "arguments": "arguments",
    "inventory": "inventory_id",
    "variables": "environment_id",
    "build": "build_task_id",
}
WORDS = {"1": True, "true": True, "yes": True, "on": True,
         "": False, "0": False, "false": False, "no": False, "off": False}  # fmt: skip
OF_THE_PAGE = ("from", "hosts")
UNKNOWN = "the template asks for nothing of this name"
CLOSED = "the template does not allow to change it"
NOT_HERE = "a secret does not belong into a link"
TWICE = "it can be given once"


class Link(NamedTuple):
    """Values for the fields, the survey and the tool; and what is not taken, with the reason."""

    values: dict[str, Any]
    answers: dict[str, Any]
    params: dict[str, Any]
    refused: dict[str, str]


def read(project: Project, template: TaskTemplate) -> Link:
    """The query of this request. Values are checked as typed ones are, when the run starts."""
    link = Link({}, {}, {}, {})
    questions = {one.variable: one for one in survey.of_template(template, {})}
    tool = task_params.of_tool(template.app)
    opened = {one.name for one in task_params.opened(template)}
    for name, texts in request.args.lists():
        if name in OF_THE_PAGE:
            continue
        if question := questions.get(name):
            _answer(link, question, texts)
        elif name in FIELDS:
            _field(link, project, template, name, texts)
        elif name in opened:
            _parameter(link, tool[name], texts)
        else:
            link.refused[name] = CLOSED if name in tool else UNKNOWN
    return link


def _answer(link: Link, question: survey.Field, texts: list[str]) -> None:
    if question.kind.field == "secret":
        link.refused[question.variable] = NOT_HERE
        return
    try:
        value = _typed(question, texts)
        if not survey_kinds.is_missing(value):
            survey_kinds.check(question.question, question.kind.typed(value))
    except ValueError as error:
        link.refused[question.variable] = str(error)
    else:
        link.answers[question.variable] = value


def _typed(question: survey.Field, texts: list[str]) -> Any:
    """As a form would send it: choices one by one or with commas, yes and no in several words."""
    if question.kind.field == "choices":
        offered = {value for value, _ in question.choices}
        return [one for text in texts for one in ([text] if text in offered else text.split(","))]
    text = _single(texts)
    if question.kind.field == "truth" and (truth := WORDS.get(text.strip().lower())) is not None:
        return "true" if truth else "false"
    return text


def _single(texts: list[str]) -> str:
    """What was given once. Raises ValueError where it was not."""
    if len(texts) > 1:
        raise ValueError(TWICE)
    return texts[0]


def _parameter(link: Link, parameter: Parameter, texts: list[str]) -> None:
    try:
        link.params[parameter.name] = _of_tool(parameter, texts)
    except ValueError as error:
        link.refused[parameter.name] = str(error)


def _of_tool(parameter: Parameter, texts: list[str]) -> Any:
    if parameter.kind == "texts":
        return parameter.read_of_run(tool_params.read(parameter, ",".join(texts)))
    text = _single(texts)
    if parameter.kind == "flag":
        return parameter.read_of_run(WORDS.get(text.strip().lower()))
    return parameter.read_of_run(tool_params.read(parameter, text)) if text.strip() else ""


def _field(
    link: Link, project: Project, template: TaskTemplate, name: str, texts: list[str]
) -> None:
    field = FIELDS[name]
    if field != "message" and not task_params.is_open(template, field):
        link.refused[name] = CLOSED
        return
    try:
        if field == "arguments":
            link.values[field] = argument_lines.to_json("\n".join(texts))
        elif field in link_choices.FIELDS:
            link.values[field] = link_choices.chosen(project, template, field, _single(texts))
        else:
            link.values[field] = _single(texts)
    except ValueError as error:
        link.refused[name] = str(error)
