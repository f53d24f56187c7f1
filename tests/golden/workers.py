"""The part of the workers in the replay: runs reach the states, and say the lines, as recorded."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select, update

from app.db import db, transaction
from app.models import FINISHED, Task, TaskStatus
from app.services import autoruns
from app.services.task_output_writer import TaskOutput
from tests.golden.exchanges import Exchange, group
from tests.golden.ids import Ids

THE_END = "projects 62"  # the project is deleted
CLAIM = "0b0bd5a2-3d68-4b9c-8a5b-0d9a3d6d2f11"


class Workers:
    """Moves our tasks on before somebody looks at them."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self._last = {task["id"]: task for e in group("tasks") for task in _tasks(e.body)}
        self._outputs = {
            e.body[0]["task_id"]: [line["output"] for line in e.body]
            for e in group("tasks")
            if e.path.endswith("/output") and e.body
        }

    def before(self, exchange: Exchange) -> None:
        """Let each task that the recorded answer shows get where it was."""
        if exchange.name == THE_END:
            self._finish()
        if exchange.method != "GET":
            return
        for task in _tasks(exchange.body):
            self._move(task)
        if exchange.path.endswith("/output") and exchange.body:
            self._move(self._last[exchange.body[0]["task_id"]])

    def _finish(self) -> None:
        """Nothing is left to be done."""
        rows = update(Task).where(Task.status.not_in(FINISHED))
        with transaction():
            db.session.execute(rows.values(status=TaskStatus.SUCCESS))

    def _move(self, recorded: dict[str, Any]) -> None:
        known, build = self._ids.knows("tasks", recorded["id"]), recorded.get("build_task_id")
        if build and not known:
            self._move(self._last[build])
        if not self._ids.knows("tasks", recorded["id"]):
            return
        db.session.expire_all()
        row = db.session.get(Task, self._ids.ours("tasks", recorded["id"]))
        if row is None or row.status in FINISHED or recorded["status"] in ("waiting", row.status):
            return
        status = TaskStatus(recorded["status"])
        if row.status == TaskStatus.STOPPING and status in FINISHED:
            status = TaskStatus.STOPPED  # whoever runs it ends it so
        self._set(row, status, recorded)
        if status in FINISHED:
            self._say(row.id, self._outputs.get(recorded["id"], []))
        if status == TaskStatus.SUCCESS:
            self._start_deploys(row, recorded["id"])

    def _start_deploys(self, build: Task, recorded: int) -> None:
        """What starts by itself is the recorded run of the same template."""
        with transaction():
            autoruns.start_after(build)
        deploys = db.session.scalars(select(Task).filter_by(build_task_id=build.id)).all()
        ours = {task.template_id: task.id for task in deploys}
        for task in self._last.values():
            if task["build_task_id"] == recorded:
                template = self._ids.ours("templates", task["template_id"])
                self._ids.bind("tasks", task["id"], ours[template])

    def _set(self, row: Task, status: TaskStatus, recorded: dict[str, Any]) -> None:
        values = {"status": status, "claim": CLAIM}
        now = db.func.current_timestamp()
        values |= {"start": now} if recorded["start"] else {}
        values |= {"end": now} if recorded["end"] else {}
        with transaction():
            db.session.execute(update(Task).where(Task.id == row.id).values(**values))

    def _say(self, task_id: int, lines: list[str]) -> None:
        output = TaskOutput(task_id, CLAIM)
        for line in lines:
            output.line(line.rstrip("\n"))
        output.drain()
        output.finish()
        output.close()


def _tasks(value: Any) -> Iterator[dict[str, Any]]:
    """All tasks in a body."""
    if isinstance(value, list):
        for item in value:
            yield from _tasks(item)
    elif isinstance(value, dict):
        if {"template_id", "status", "id"} <= value.keys():
            yield value
        for item in value.values():
            yield from _tasks(item)
