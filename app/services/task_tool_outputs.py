"""The outputs of what runs have applied: stored encrypted, shown to people, handed to deploys.

The values of sensitive ones never come here; secrets of the run are masked, as in its log.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import select

from app.db import db
from app.lib.tool_outputs import ToolOutput
from app.models import Task, TaskToolOutputs
from app.services import secrets, task_states
from app.services.task_results import masked


def keep(
    task: Task, claim: str, mask: Callable[[str], str], *, outputs: Sequence[ToolOutput]
) -> None:
    """Store what a run has told that is held under `claim`, in the caller's transaction.

    What it has told before is replaced. Raises Fenced if the run is somebody else's.
    """
    task_states.hold(task.id, claim)
    row = _row(task) or TaskToolOutputs(task_id=task.id, project_id=task.project_id)
    row.count = len(outputs)
    db.session.add(row)
    db.session.flush()  # The secret below is bound to the id.
    stored = [masked(vars(one), mask) for one in outputs]
    row.secret = secrets.encrypt(json.dumps(stored, separators=(",", ":")), _context(row))


def of(task: Task) -> list[ToolOutput]:
    """The outputs of a run by their names. Raises KeyringError."""
    row = _row(task)
    if row is None or row.secret is None:
        return []
    return [ToolOutput(**one) for one in json.loads(secrets.decrypt(row.secret, _context(row)))]


def count(task: Task) -> int:
    """How many outputs a run has; decrypts nothing."""
    query = select(TaskToolOutputs.count).where(TaskToolOutputs.task_id == task.id)
    return db.session.scalar(query) or 0


def for_deploy(task: Task) -> dict[str, Any]:
    """Those that have a value, in the form of `terraform output -json`. Raises KeyringError."""
    return {
        one.name: {"sensitive": False, "type": one.type, "value": one.value}
        for one in of(task)
        if not (one.sensitive or one.is_left_out)
    }


def _row(task: Task) -> TaskToolOutputs | None:
    return db.session.scalar(select(TaskToolOutputs).where(TaskToolOutputs.task_id == task.id))


def _context(row: TaskToolOutputs) -> str:
    return secrets.context("task_tool_outputs", row.id)
