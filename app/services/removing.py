"""Stop and delete: what runs still need goes away when the last of them has ended.

The row is the wish; the keeper's rounds fulfil it, whatever dies meanwhile.
"""

import logging

from sqlalchemy import select

from app.db import db, transaction
from app.errors import Busy, InUse
from app.models import FINISHED, Project, Removal, Task, TaskTemplate, User
from app.services import events, projects, removals, task_templates, tasks
from app.services.references import refuse_in_use

logger = logging.getLogger(__name__)


def ask_for_template(project: Project, template_id: int, *, actor: User | None) -> int:
    """Stop a template's runs and delete it when they have ended; returns how many are stopped.

    Raises InUse while others deploy what it builds.
    """
    template = task_templates.get(project, template_id)
    refuse_in_use("Template", task_templates.refs_of(template))
    return _ask(project, template, actor)


def ask_for_project(project: Project, *, actor: User | None) -> int:
    """Stop a project's runs and delete it when they have ended; returns how many are stopped."""
    return _ask(project, None, actor)


def fulfil() -> None:
    """Delete what has no unfinished run any more. Opens transactions of its own."""
    with transaction(write=False):
        wishes = list(db.session.scalars(select(Removal.id).order_by(Removal.id)))
    for wish in wishes:
        with transaction():
            removal = db.session.get(Removal, wish)
            if removal is not None:
                _fulfil(removal)


def _ask(project: Project, template: TaskTemplate | None, actor: User | None) -> int:
    wish = removals.of_template(template) if template else removals.of_project(project)
    if wish is None:
        db.session.add(
            Removal(
                project_id=project.id,
                template_id=template.id if template else None,
                user_id=actor.id if actor else None,
            )
        )
        db.session.flush()  # From here on no run can start there.
        events.record(project.id, actor, template or project, "to be deleted once its runs end")
    return _stop(project, template, actor)


def _stop(project: Project, template: TaskTemplate | None, actor: User | None) -> int:
    query = select(Task.id).where(Task.project_id == project.id, Task.status.not_in(FINISHED))
    if template is not None:
        query = query.where(Task.template_id == template.id)
    found = db.session.scalars(query).all()
    for task_id in found:
        tasks.stop(project, task_id, actor=actor)
    return len(found)


def _fulfil(removal: Removal) -> None:
    """One that was started at the same moment as the wish came is stopped as well."""
    project, template, actor = removal.project, removal.template, removal.user
    if _stop(project, template, actor):
        return
    try:
        if template is not None:
            task_templates.delete(project, template.id, actor=actor)
        else:
            projects.delete(project, actor=actor)
    except (Busy, InUse) as error:
        logger.info("deleting has to wait", extra={"project": project.id, "error": str(error)})
        if isinstance(error, InUse):  # somebody uses it by now: it stays
            db.session.delete(removal)
