"""The variable groups of a project as the list shows them, and what they have in common."""

import json
from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from app.db import db
from app.models import Environment, Project, TaskTemplate, template_environment
from app.services import variables


@dataclass(frozen=True)
class Row:
    """A group with the numbers of its variables, its secrets and the templates that use it."""

    group: Environment
    variables: int
    secrets: int
    templates: int


def find(project: Project, text: str = "") -> list[Row]:
    """The groups whose name, or one of whose variables, contains the text, by name."""
    used = _templates(project)
    return [
        Row(
            group,
            len(json.loads(group.json or "{}")) + len(json.loads(group.env or "{}")),
            len(group.secrets),
            used.get(group.id, 0),
        )
        for group in _groups(project)
        if _is_meant(group, text.lower())
    ]


def others(project: Project, group: Environment) -> dict[tuple[str, str], list[Environment]]:
    """For each variable (kind, name) of a group the other groups that have it too."""
    own = {(one.kind, one.name) for one in variables.of_group(group)}
    found: dict[tuple[str, str], list[Environment]] = defaultdict(list)
    for other in _groups(project):
        if other.id != group.id:
            for place in own & {(one.kind, one.name) for one in variables.of_group(other)}:
                found[place].append(other)
    return found


def _groups(project: Project) -> list[Environment]:
    query = select(Environment).options(selectinload(Environment.secrets))
    query = query.filter_by(project_id=project.id)
    return list(db.session.scalars(query.order_by(func.lower(Environment.name), Environment.id)))


def _is_meant(group: Environment, text: str) -> bool:
    names = [group.name, *(one.name for one in variables.of_group(group))] if text else [""]
    return any(text in name.lower() for name in names)


def _templates(project: Project) -> dict[int, int]:
    place = template_environment.c
    query = select(place.environment_id, func.count(place.template_id))
    query = query.join(TaskTemplate, TaskTemplate.id == place.template_id)
    query = query.where(TaskTemplate.project_id == project.id)
    return dict(db.session.execute(query.group_by(place.environment_id)).all())
