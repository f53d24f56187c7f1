"""What a link fills into a run sheet: /p/1/templates/3/run?release=1.2&limit=web1&branch=fix"""

from typing import Any, NamedTuple

from flask import request

from app.lib import argument_lines
from app.models import TaskTemplate
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
            link.params[name] = tool_params.read(tool[name], texts[-1])
        else:
            link.refused[name] = CLOSED if name in tool else UNKNOWN
    return link


def _answer(link: Link, question: survey.Field, texts: list[str]) -> None:
    if question.kind.field == "secret":
        link.refused[question.variable] = NOT_HERE
    else:
        link.answers[question.variable] = texts if question.kind.field == "choices" else texts[-1]


def _field(link: Link, template: TaskTemplate, name: str, field: str, text: str) -> None:
    if field == "message" or task_params.is_open(template, field):
        link.values[field] = argument_lines.to_json(text) if field == "arguments" else text
    else:
        link.refused[name] = CLOSED
