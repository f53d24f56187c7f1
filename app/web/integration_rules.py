"""The rules of an integration: conditions, and values for its runs. Both have the same pages."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, url_for
from flask_login import current_user
from pydantic import BaseModel

from app.guard import Permission, requires
from app.models import Integration, Project
from app.schemas.integrations import ExtractValueIn, MatcherIn
from app.services import integration_rules, integrations
from app.services.integration_rules import Matcher, Value
from app.web import hx
from app.web.forms import Form

bp = Blueprint("rules", __name__, url_prefix="/<id:integration_id>/<any(conditions, values):kind>")


@dataclass(frozen=True)
class Kind:
    model: Any
    schema: type[BaseModel]
    title: str
    source: str  # the field that says where the value stands


KINDS = {
    "conditions": Kind(Matcher, MatcherIn, "condition", "match_type"),
    "values": Kind(Value, ExtractValueIn, "value", "value_source"),
}
SOURCES = [("body", "Body"), ("header", "Header"), ("query", "Query")]
TYPES = [("json", "JSON, by its path"), ("string", "The whole text")]
METHODS = [("equals", "equals"), ("unequals", "does not equal"), ("contains", "contains")]
TARGETS = [("environment", "A variable"), ("task", "A parameter such as git_branch or limit")]


@bp.get("/new")
@requires(Permission.MANAGE_RESOURCES)
def new(project: Project, integration_id: int, kind: str):
    row, how = integrations.get(project, integration_id), KINDS[kind]
    given = {how.source: "body", "body_data_type": "json"}
    return _page(project, row, kind, Form(how.schema, **given))


@bp.post("")
@requires(Permission.MANAGE_RESOURCES)
def create(project: Project, integration_id: int, kind: str):
    row, how = integrations.get(project, integration_id), KINDS[kind]
    form = Form(how.schema)
    if not form.submit(
        lambda data: integration_rules.add(how.model, row, data, actor=current_user)
    ):
        return _page(project, row, kind, form), form.status
    return _done(row, f"{how.title.capitalize()} added")


@bp.get("/<id:rule_id>/edit")
@requires(Permission.MANAGE_RESOURCES)
def edit(project: Project, integration_id: int, kind: str, rule_id: int):
    row, how = integrations.get(project, integration_id), KINDS[kind]
    rule = integration_rules.get(how.model, row, rule_id)
    return _page(project, row, kind, Form(how.schema, rule), rule)


@bp.post("/<id:rule_id>/edit")
@requires(Permission.MANAGE_RESOURCES)
def update(project: Project, integration_id: int, kind: str, rule_id: int):
    row, how = integrations.get(project, integration_id), KINDS[kind]
    rule = integration_rules.get(how.model, row, rule_id)
    form = Form(how.schema, rule)
    if not form.submit(
        lambda data: integration_rules.change(how.model, row, rule.id, data, actor=current_user)
    ):
        return _page(project, row, kind, form, rule), form.status
    return _done(row, f"{how.title.capitalize()} saved")


@bp.post("/<id:rule_id>/delete")
@requires(Permission.MANAGE_RESOURCES)
def delete(project: Project, integration_id: int, kind: str, rule_id: int):
    row, how = integrations.get(project, integration_id), KINDS[kind]
    integration_rules.remove(how.model, row, rule_id, actor=current_user)
    return _done(row, f"{how.title.capitalize()} deleted")


def _page(project: Project, row: Integration, kind: str, form: Form, rule: Any = None) -> Response:
    return hx.render(
        "integrations/rule.html",
        block="form",
        integration=row,
        project=project,
        kind=kind,
        how=KINDS[kind],
        form=form,
        rule=rule,
        sources=SOURCES,
        types=TYPES,
        methods=METHODS,
        targets=TARGETS,
    )


def _done(row: Integration, text: str) -> Response:
    url = url_for("integrations.show", project_id=row.project_id, integration_id=row.id)
    return hx.done("integrations", text, url)
