"""A run that repeats another one of its template: which, and whether at the same commit."""

from app.db import db
from app.errors import Invalid
from app.models import Task, TaskTemplate
from app.schemas.tasks import TaskIn


def of(data: TaskIn, template: TaskTemplate) -> Task | None:
    """The run that is repeated. Raises Invalid for one of another template."""
    if not data.repeats_id:
        if data.same_commit:
            raise Invalid({"same_commit": "Say in repeats_id whose commit"})
        return None
    found = db.session.get(Task, data.repeats_id)
    if found is None or found.template_id != template.id:
        raise Invalid({"repeats_id": f"Run {data.repeats_id} is no run of this template"})
    if data.same_commit and not found.commit_hash:
        raise Invalid({"same_commit": f"The commit of run {found.id} is not known"})
    return found


def commit_of(data: TaskIn, repeated: Task | None) -> str | None:
    """The commit that it uses; none: whatever it would use by itself."""
    return repeated.commit_hash if repeated and data.same_commit else None
