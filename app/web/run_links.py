"""What a link fills into a run sheet: /p/1/templates/3/run?release=1.2&limit=web1&branch=fix"""

from typing import Any, NamedTuple

from flask import request

from app.executors.parameters import Parameter
from app.lib import argument_lines
from app.models import TaskTemplate
from app.schemas import survey_kinds
from app.services import task_params
from app.web import survey, tool_params

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


class Link(NamedTuple):
    """Values for the fields, the survey and the tool; and what is not taken, with the reason."""

    values: dict[str, Any]
    answers: dict[str, Any]
    params: dict[str, Any]
    refused: dict[str, str]


def read(template: TaskTemplate) -> Link:
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
        elif field := FIELDS.get(name):
            _field(link, template, name, field, texts[-1])
        elif name in opened:
            _parameter(link, tool[name], texts[-1])
        else:
            link.refused[name] = CLOSED if name in tool else UNKNOWN
    return link


def _answer(link: Link, question: survey.Field, texts: list[str]) -> None:
    if question.kind.field == "secret":
        link.refused[question.variable] = NOT_HERE
        return
    value = _typed(question, texts)
    try:
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
    if (
        question.kind.field == "truth"
        and (truth := WORDS.get(texts[-1].strip().lower())) is not None
    ):
        return "true" if truth else "false"
    return texts[-1]


def _parameter(link: Link, parameter: Parameter, text: str) -> None:
    if parameter.kind != "flag":
        link.params[parameter.name] = tool_params.read(parameter, text)
    elif (truth := WORDS.get(text.strip().lower())) is not None:
        link.params[parameter.name] = truth
    else:
        link.refused[parameter.name] = "Must be true or false"


def _field(link: Link, template: TaskTemplate, name: str, field: str, text: str) -> None:
    if field == "message" or task_params.is_open(template, field):
        link.values[field] = argument_lines.to_json(text) if field == "arguments" else text
    else:
        link.refused[name] = CLOSED
