"""Which template a start is of: by its id, or by its name."""

from sqlalchemy import select

from app.db import db
from app.errors import Invalid
from app.models import Project, TaskTemplate
from app.schemas.tasks import TaskIn
from app.services.references import require_reference

SHOWN = 80  # characters of a name that a refusal repeats


def of(project: Project, data: TaskIn) -> TaskTemplate:
    """The template that is to run. Raises Invalid where the project has none such."""
    if data.template_id:
        return require_reference(TaskTemplate, project, "template_id", data.template_id)
    if data.template_name:
        return _called(project, data.template_name)
    raise Invalid({"template_id": "Say which template to run"})


def refuse_other_name(project: Project, template: TaskTemplate, data: TaskIn) -> None:
    """Raise Invalid where the name is that of another template than the id.

    Beside an id a name that no template has says nothing: clients send the example of the
    original's document, by which the id is used.
    """
    name = data.template_name
    if name and name != template.name and (other := _first(project, name)):
        said = f"Is template {other.id}, but template_id says {template.id}; give only one of them"
        raise Invalid({"template_name": said})


def _called(project: Project, name: str) -> TaskTemplate:
    if (found := _first(project, name)) is None:
        said = f"There is no template “{name[:SHOWN]}” in this project"
        raise Invalid({"template_name": said})
    return found


def _first(project: Project, name: str) -> TaskTemplate | None:
    """Several may be called so; the oldest is meant."""
    query = select(TaskTemplate).filter_by(project_id=project.id, name=name)
    return db.session.scalars(query.order_by(TaskTemplate.id)).first()
