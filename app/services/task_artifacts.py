"""The files that runs leave behind: stored by the worker, read by people and by deploys."""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

import zstandard
from sqlalchemy import delete, func, insert, select

from app.db import db
from app.errors import NotFound
from app.executors.artifacts import OUTPUTS, STATS
from app.lib.content import Content
from app.models import Project, Task, TaskArtifact, TaskArtifactPiece
from app.services import run_manifests, task_states, task_tool_outputs, tasks
from app.services.task_output_pieces import reading

PIECE = 1 << 20  # bytes before compression
MOST_PIECES = 1 << 20


def keep(task_id: int, claim: str, name: str, content: Content) -> None:
    """Store a file of a run that is held under `claim`, in the caller's transaction.

    An earlier attempt's file of this name is replaced. Raises Fenced if the run is somebody else's.
    """
    task_states.hold(task_id, claim)
    same = TaskArtifact.task_id == task_id, TaskArtifact.name == name
    db.session.execute(delete(TaskArtifact).where(*same))
    row = TaskArtifact(task_id=task_id, name=name, size=0, sha256="")
    db.session.add(row)
    db.session.flush()  # The pieces refer to its id.
    digest, packer = hashlib.sha256(), zstandard.ZstdCompressor(level=3)
    content.seek(0)
    for seq, piece in enumerate(iter(lambda: content.read(PIECE), b"")):
        digest.update(piece)
        row.size += len(piece)
        values = {"artifact_id": row.id, "seq": seq, "data": packer.compress(piece)}
        db.session.execute(insert(TaskArtifactPiece).values(values))
    row.sha256 = digest.hexdigest()


def of(task: Task) -> list[TaskArtifact]:
    """The files of a run by their names."""
    rows = select(TaskArtifact).where(TaskArtifact.task_id == task.id)
    return sorted(db.session.scalars(rows), key=lambda one: one.name)


def count(task: Task) -> int:
    """How many things a run has left: files, outputs, and the values of set_stats as one."""
    rows = select(func.count()).where(TaskArtifact.task_id == task.id)
    return (db.session.scalar(rows) or 0) + task_tool_outputs.count(task) + bool(stats(task))


def get(project: Project, task_id: int, artifact_id: int) -> TaskArtifact:
    """A file of a run of the project. Raises NotFound."""
    task = tasks.get(project, task_id)
    found = db.session.get(TaskArtifact, artifact_id)
    if found is None or found.task_id != task.id:
        raise NotFound(f"Run {task_id} has no artifact {artifact_id}")
    return found


def content(artifact_id: int) -> Iterator[bytes]:
    """The bytes of a file, piece by piece. Outside a transaction nothing is held between two."""
    unpacker = zstandard.ZstdDecompressor()
    for seq in range(MOST_PIECES):
        wanted = TaskArtifactPiece.artifact_id == artifact_id, TaskArtifactPiece.seq == seq
        with reading():
            data = db.session.scalar(select(TaskArtifactPiece.data).where(*wanted))
        if data is None:
            return
        yield unpacker.decompress(data, max_output_size=PIECE)


def are_gone(task_id: int | None) -> bool:
    """Whether a run had some that made room for newer ones."""
    gone = select(Task.artifacts_deleted_at).where(Task.id == task_id)
    return db.session.scalar(gone) is not None


def stats(task: Task) -> dict[str, Any]:
    """What a playbook has set with set_stats: by host, under "_run" what is of none."""
    found: dict[str, Any] = run_manifests.find(task).get("stats", {})
    return found


def of_build(task: Task) -> Iterable[tuple[str, Iterable[bytes]]]:
    """Names and contents of what the build of a deploy has left, its set_stats and its outputs
    as JSON. Raises KeyringError."""
    build = db.session.get(Task, task.build_task_id) if task.build_task_id else None
    if build is None:
        return
    for row in of(build):
        yield row.name, content(row.id)
    if values := stats(build).get("values"):
        yield STATS, [run_manifests.as_json(values)]
    if outputs := task_tool_outputs.for_deploy(build):
        yield OUTPUTS, [run_manifests.as_json(outputs)]
