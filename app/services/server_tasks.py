"""Tasks of all projects, for administrators of the server."""

from app.db import db
from app.errors import NotFound
from app.models import Project, Task, User
from app.services import tasks


def stop(task_id: int, *, actor: User | None) -> Task:
    """End a task of any project, as tasks.stop does. Raises NotFound."""
    task = db.session.get(Task, task_id)
    if task is None:
        raise NotFound(f"There is no run {task_id}")
    project = db.session.get_one(Project, task.project_id)
    return tasks.stop(project, task_id, actor=actor)
