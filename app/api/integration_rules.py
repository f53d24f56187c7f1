"""Matchers and extracted values of an integration: the same operations on both."""

from flask import Blueprint
from flask_login import current_user

from app.api.wire import body, done, dump, dump_all, plain, same_id
from app.guard import Permission, requires
from app.models import Integration, Project
from app.schemas.integrations import (
    ExtractValueIn,
    ExtractValueOut,
    IntegrationIdentity,
    MatcherIn,
    MatcherOut,
)
from app.services import integration_rules, integrations
from app.services.integration_rules import Matcher, Value

bp = Blueprint(
    "api_integration_rules",
    __name__,
    url_prefix="/project/<id:project_id>/integrations/<id:integration_id>",
)


@bp.get("/matchers")
@requires(Permission.VIEW)
def matchers(project: Project, integration_id: int):
    row = integrations.get(project, integration_id)
    return dump_all(MatcherOut, integration_rules.list_for(Matcher, row))


@bp.post("/matchers")
@requires(Permission.MANAGE_RESOURCES)
def add_matcher(project: Project, integration_id: int):
    row = integrations.get(project, integration_id)
    _check_ids(row)
    rule = integration_rules.add(Matcher, row, body(MatcherIn), actor=current_user)
    return dump(MatcherOut, rule)


@bp.get("/matchers/<id:matcher_id>")
@requires(Permission.VIEW)
def matcher(project: Project, integration_id: int, matcher_id: int):
    row = integrations.get(project, integration_id)
    return dump(MatcherOut, integration_rules.get(Matcher, row, matcher_id))


@bp.put("/matchers/<id:matcher_id>")
@requires(Permission.MANAGE_RESOURCES)
def change_matcher(project: Project, integration_id: int, matcher_id: int):
    row = integrations.get(project, integration_id)
    _check_ids(row, matcher_id, "Matcher")
    integration_rules.change(Matcher, row, matcher_id, body(MatcherIn), actor=current_user)
    return done()


@bp.delete("/matchers/<id:matcher_id>")
@requires(Permission.MANAGE_RESOURCES)
def remove_matcher(project: Project, integration_id: int, matcher_id: int):
    row = integrations.get(project, integration_id)
    integration_rules.remove(Matcher, row, matcher_id, actor=current_user)
    return done()


@bp.get("/matchers/<id:matcher_id>/refs")
@requires(Permission.VIEW)
def matcher_refs(project: Project, integration_id: int, matcher_id: int):
    """Nothing refers to a matcher."""
    integration_rules.get(Matcher, integrations.get(project, integration_id), matcher_id)
    return plain({"integrations": []})


@bp.get("/values")
@requires(Permission.VIEW)
def values(project: Project, integration_id: int):
    row = integrations.get(project, integration_id)
    return dump_all(ExtractValueOut, integration_rules.list_for(Value, row))


@bp.post("/values")
@requires(Permission.MANAGE_RESOURCES)
def add_value(project: Project, integration_id: int):
    row = integrations.get(project, integration_id)
    _check_ids(row)
    rule = integration_rules.add(Value, row, body(ExtractValueIn), actor=current_user)
    return dump(ExtractValueOut, rule, 201)


@bp.get("/values/<id:value_id>")
@requires(Permission.VIEW)
def value(project: Project, integration_id: int, value_id: int):
    row = integrations.get(project, integration_id)
    return dump(ExtractValueOut, integration_rules.get(Value, row, value_id))


@bp.put("/values/<id:value_id>")
@requires(Permission.MANAGE_RESOURCES)
def change_value(project: Project, integration_id: int, value_id: int):
    row = integrations.get(project, integration_id)
    _check_ids(row, value_id, "Value")
    integration_rules.change(Value, row, value_id, body(ExtractValueIn), actor=current_user)
    return done()


@bp.delete("/values/<id:value_id>")
@requires(Permission.MANAGE_RESOURCES)
def remove_value(project: Project, integration_id: int, value_id: int):
    row = integrations.get(project, integration_id)
    integration_rules.remove(Value, row, value_id, actor=current_user)
    return done()


@bp.get("/values/<id:value_id>/refs")
@requires(Permission.VIEW)
def value_refs(project: Project, integration_id: int, value_id: int):
    """Nothing refers to a value."""
    integration_rules.get(Value, integrations.get(project, integration_id), value_id)
    return plain({"integrations": []})


def _check_ids(row: Integration, rule_id: int = 0, kind: str = "") -> None:
    """Ids may be missing; one that is there is that of the URL. "Extractor" is the original's."""
    given = body(IntegrationIdentity)
    same_id(given.integration_id or row.id, row.id, "Extractor")
    if rule_id:
        same_id(given.id or rule_id, rule_id, kind)
