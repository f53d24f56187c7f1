"""The variable groups of a template, in their order: a later one wins."""

from sqlalchemy import delete, insert

from app.db import db
from app.errors import Invalid
from app.models import Environment, Project, TaskTemplate, template_environment
from app.schemas.task_templates import TaskTemplateIn
from app.services.references import check_reference


def wanted(template: TaskTemplate, project: Project, data: TaskTemplateIn) -> list[Environment]:
    """What is asked for, by either of its two names.

    Raises Invalid for a group that the project does not have, and where the names contradict.
    """
    ids = _ids(data, template.environment_ids if template.id else [])
    said = "environment_id" if ids == [data.environment_id] else "environment_ids"
    found = (check_reference(Environment, project, said, group_id) for group_id in ids)
    return [group for group in found if group is not None]


def replace(template: TaskTemplate, groups: list[Environment]) -> None:
    """Store the groups of a template that has its id."""
    mine = template_environment.c.template_id == template.id
    db.session.execute(delete(template_environment).where(mine))
    if groups:
        rows = [
            {"template_id": template.id, "environment_id": group.id, "position": place}
            for place, group in enumerate(groups)
        ]
        db.session.execute(insert(template_environment), rows)
    db.session.expire(template, ["environments"])


def _ids(data: TaskTemplateIn, stored: list[int]) -> list[int]:
    """Clients send back both names and change the one that they know: what differs from what is
    stored is meant. `environment_id` shows the first group, and chooses that one alone.
    """
    one, many = data.environment_id, list(dict.fromkeys(data.environment_ids))
    if "environment_ids" not in data.model_fields_set and one:
        many = stored
    if one is None or stored[:1] == [one]:
        return many
    if many == stored or not many:
        return [one]
    if one not in many:
        raise Invalid({"environment_id": "contradicts environment_ids; give only one of them"})
    return many
