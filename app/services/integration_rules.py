"""The rules of an integration: on which conditions it runs, and which values a run gets."""

from typing import Any, TypeVar

from sqlalchemy import select

from app.db import Model, db
from app.errors import Invalid, NotFound
from app.models import Integration, IntegrationExtractValue, IntegrationMatcher, User
from app.schemas.base import Input
from app.schemas.integrations import ExtractValueIn
from app.services import events, survey_answers
from app.services.references import count_change, title

Rule = TypeVar("Rule", bound=Model)
Matcher, Value = IntegrationMatcher, IntegrationExtractValue
NO_SECRETS = (
    "The question {} is secret, and the log of deliveries shows what was sent: put the secret into"
    " a variable group of the template"
)


def list_for(model: type[Rule], integration: Integration) -> list[Rule]:
    """The rules of one kind, by name as clients know it."""
    query = select(model).filter_by(integration_id=integration.id)
    return list(db.session.scalars(query.order_by(model.id)))  # type: ignore[attr-defined]


def get(model: type[Rule], integration: Integration, rule_id: int) -> Rule:
    """Raises NotFound for the rule of another integration, too."""
    found = db.session.scalar(select(model).filter_by(integration_id=integration.id, id=rule_id))
    if found is None:
        raise NotFound(f"{title(model)} {rule_id} does not exist in this integration")
    return found


def add(model: type[Rule], integration: Integration, data: Input, *, actor: User | None) -> Rule:
    """Raises Invalid for a value that would answer a secret question."""
    rule = model(integration_id=integration.id)
    _refuse_secret(integration, data)
    _fill(rule, data)
    db.session.add(rule)
    db.session.flush()  # The event needs the id.
    events.record(integration.project_id, actor, rule, "created")
    return rule


def change(
    model: type[Rule], integration: Integration, rule_id: int, data: Input, *, actor: User | None
) -> Rule:
    """Raises Invalid as `add` does."""
    rule = get(model, integration, rule_id)
    count_change(rule)
    _refuse_secret(integration, data)
    _fill(rule, data)
    events.record(integration.project_id, actor, rule, "updated")
    return rule


def remove(
    model: type[Rule], integration: Integration, rule_id: int, *, actor: User | None
) -> None:
    rule = get(model, integration, rule_id)
    events.record(integration.project_id, actor, rule, "deleted")
    db.session.delete(rule)


def _refuse_secret(integration: Integration, data: Input) -> None:
    if not isinstance(data, ExtractValueIn) or data.variable_type == "task":
        return
    field = "variable" if data.variable else "name"
    if (name := getattr(data, field)) in survey_answers.secret_questions(integration.template):
        raise Invalid({field: NO_SECRETS.format(name)})


def _fill(rule: Any, data: Input) -> None:
    for name in type(data).model_fields:
        setattr(rule, name, getattr(data, name))
