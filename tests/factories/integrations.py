"""Integrations, their conditions and values, addresses and deliveries."""

from typing import Any

from app.models import (
    Integration,
    IntegrationAlias,
    IntegrationDelivery,
    IntegrationExtractValue,
    IntegrationMatcher,
    Project,
    TaskTemplate,
)
from tests.factories.rows import add


def integration(template: TaskTemplate, name: str = "Hook", **values: Any) -> Integration:
    return add(
        Integration(project_id=template.project_id, template_id=template.id, name=name, **values)
    )


def matcher(integration: Integration, key: str = "ref", value: str = "main", **values: Any) -> Any:
    """A condition on the JSON of the body, unless told otherwise."""
    given = {"name": key, "match_type": "body", "body_data_type": "json", "method": "equals"}
    given |= {"integration_id": integration.id, "key": key, "value": value}
    return add(IntegrationMatcher(**(given | values)))


def extract_value(integration: Integration, key: str, variable: str, **values: Any) -> Any:
    """What a run gets of the JSON of the body, unless told otherwise."""
    given = {"name": variable, "value_source": "body", "body_data_type": "json", "key": key}
    given |= {"integration_id": integration.id, "variable": variable}
    return add(IntegrationExtractValue(**(given | values)))


def alias(project: Project, integration: Integration | None = None, name: str = "") -> str:
    """An address of an integration, or of a project's searchable ones."""
    wanted = name or f"alias{project.id}x{integration.id if integration else 0}"
    add(
        IntegrationAlias(
            project_id=project.id, integration_id=integration and integration.id, alias=wanted
        )
    )
    return wanted


def delivery(integration: Integration, **values: Any) -> IntegrationDelivery:
    given = {"method": "POST", "headers": {}, "query": {}, "body": b"{}", "body_length": 2}
    given |= {"project_id": integration.project_id, "integration_id": integration.id}
    return add(IntegrationDelivery(**(given | {"verdict": "unmatched"} | values)))
