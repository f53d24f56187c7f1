"""What is done once before forks that run tasks: their statements, without a task."""

import secrets
from typing import Any, TypeVar

from app.db import Model, db, transaction
from app.models import (
    AccessKey,
    Environment,
    Project,
    Repository,
    Task,
    TaskStatus,
    TaskTemplate,
)
from app.services import dispatch, run_manifests, run_specs, task_output_store, task_states
from app.services.lease import renewal, state_of

Row = TypeVar("Row", bound=Model)


def warm() -> None:
    """Rehearse the statements of a run on the engine that forks inherit; nothing is kept.

    A fork that compiled them itself, and learnt to read their rows, would start 60 ms later.
    """
    with transaction():
        task = _rehearsal()
        dispatch.claim("", "", "")
        run_specs.build(run_specs.load(task.id) or task)
        known: dict[str, Any] = {"commit_hash": "", "commit_message": ""}
        task_states.move(task, TaskStatus.RUNNING, held_by="", **known)
        task_states.move(task, TaskStatus.SUCCESS, held_by="", reason=None, result=None, **known)
        for _ in range(2):  # one inserts, one updates
            run_manifests.keep(task.id, {})
        task_output_store.warm(db.session.connection(), task.id)
        db.session.rollback()
    with db.engine.connect() as connection:
        connection.execute(renewal(task.id, ""))  # first: what has read only cannot wait for a lock
        connection.execute(state_of(task.id, ""))
        connection.rollback()


def rehearse() -> None:
    """Look for a task as a claim does, and take none: a fork that has done it claims at once."""
    dispatch.eligible("")
    run_specs.load(0)
    db.session.remove()


def _rehearsal() -> Task:
    """A task with all that it refers to; its rows exist until the transaction is rolled back.

    Their ids are drawn, below zero: those that a database server draws itself are not given again,
    and the first project of all should have the number 1.
    """
    own = {"id": -1 - secrets.randbelow(2**31)}
    of = own | {"project_id": _kept(Project(name="Rehearsal", **own)).id}
    key = _kept(AccessKey(name="None", type="none", **of))
    repository = _kept(Repository(name="Rehearsal", git_url="", ssh_key_id=key.id, **of))
    template = TaskTemplate(name="", app="bash", playbook="", **of)
    template.repository = repository
    template.environments = [Environment(name="", json="{}", **of)]
    return _kept(Task(template_id=_kept(template).id, **of))


def _kept(row: Row) -> Row:
    db.session.add(row)
    db.session.flush()  # The next row refers to its id.
    return row
