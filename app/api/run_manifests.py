"""What a task was made of, and what makes it another one than a task before it."""

from dataclasses import asdict
from typing import Any

from flask import Blueprint

from app.api.wire import dump
from app.guard import Permission, requires
from app.models import Project
from app.schemas.run_manifests import ComparisonOut, ManifestOut
from app.services import run_comparisons, run_manifests, tasks
from app.services.run_comparisons import Pair
from app.urls import number

bp = Blueprint(
    "api_run_manifests", __name__, url_prefix="/project/<id:project_id>/tasks/<id:task_id>"
)


@bp.get("/manifest")
@requires(Permission.VIEW)
def show(project: Project, task_id: int):
    """Its commit, variables with their origin, inventory, tools and command line."""
    facts = run_manifests.find(tasks.get(project, task_id))
    command = facts.get("command", {}).get("line")
    return dump(ManifestOut, {**facts, "task_id": task_id, "command": command})


@bp.get("/changes")
@requires(Permission.VIEW)
def changes(project: Project, task_id: int):
    """What changed since its template last worked, or since the task `?since=`."""
    task, since = tasks.get(project, task_id), number("since")
    pair = (
        run_comparisons.since_it_worked(task)
        if since is None
        else run_comparisons.of(project, since, task_id)
    )
    return dump(ComparisonOut, _shown(task_id, pair))


def _shown(task_id: int, pair: Pair | None) -> dict[str, Any]:
    if pair is None:
        return {"task_id": task_id}
    found = pair.comparison
    unsure = [{"part": part, "name": name} for part, name in found.unsure]
    known = {"changes": [asdict(one) | {"place": one.place or None} for one in found.changes]}
    return {
        "task_id": task_id,
        "since": pair.a.id,
        "unknown": found.unknown,
        "unsure": unsure,
    } | known
