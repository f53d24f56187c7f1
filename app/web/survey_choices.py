"""What a run sheet shows once a worker has looked: choices of questions, and how many hosts."""

from flask import Blueprint, Response, request

from app.executors import executor_of
from app.guard import ITS_TEMPLATE, Permission, requires
from app.models import Inventory, Project, TaskTemplate
from app.services import (
    inventories,
    inventory_hosts,
    limits,
    survey_answers,
    survey_choices,
    task_params,
    task_templates,
)
from app.services.survey_choices import SOURCES
from app.urls import number
from app.web import hx, survey, tool_params

bp = Blueprint("choices", __name__)

NOTHING = ("", 200)


@bp.get("/_choices")
@requires(Permission.RUN_TASKS, at=ITS_TEMPLATE)
def choices(project: Project, template_id: int) -> Response | tuple[str, int]:
    """A list to choose from, or a field to type into that says why; it keeps what was chosen."""
    template = task_templates.get(project, template_id)
    variable = request.args.get("variable", "")
    question = survey_answers.questions(template).get(variable)
    if question is None or question.get("source") not in SOURCES:
        return NOTHING
    given = request.args.getlist(survey.PREFIX + variable)
    offer = survey_choices.ask(template, question, _inventory(project, template))
    field = survey.Field(question, given if len(given) != 1 else given[0], tuple(offer.names))
    return hx.render("task_templates/_choices.html", field=field, state=offer.state, url=_here())


@bp.get("/_hosts")
@requires(Permission.RUN_TASKS, at=ITS_TEMPLATE)
def hosts(project: Project, template_id: int) -> Response | tuple[str, int]:
    """How many hosts a run would reach with the limit that is being typed."""
    template = task_templates.get(project, template_id)
    inventory = _inventory(project, template)
    if inventory is None or not executor_of(template.app).needs_inventory:
        return NOTHING
    state = inventory_hosts.ask(inventory)
    found = limits.matched(state.answer, _limit(template)) if state.is_done else None
    return hx.render(
        "task_templates/_limit_hosts.html", state=state, found=found, url=_here(),
        inventory=inventory,
    )  # fmt: skip


def _limit(template: TaskTemplate) -> list[str]:
    own = (template.task_params or {}).get("limit") or []
    name = tool_params.PREFIX + "limit"
    is_open = any(one.name == "limit" for one in task_params.opened(template))
    return request.args[name].split(",") if is_open and name in request.args else list(own)


def _inventory(project: Project, template: TaskTemplate) -> Inventory | None:
    inventory_id = number("inventory_id")
    if inventory_id and task_params.is_open(template, "inventory_id"):
        return inventories.get(project, inventory_id)
    return template.inventory


def _here() -> str:
    """Without what is typed: the page sends that anew."""
    variable = request.args.get("variable", "")
    return request.script_root + request.path + (f"?variable={variable}" if variable else "")
