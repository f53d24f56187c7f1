"""Worker processes: who is there, with how many slots, and how many of them are free."""

import socket
import uuid
from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select, update

from app.clock import now_ms
from app.db import db
from app.models import HELD, Task, Worker

ONLINE_MS = 15_000  # a worker that was not seen for so long is not counted on
FORGET_MS = 24 * 3600 * 1000


def register(slots: int, tags: list[str]) -> str:
    """Enter a worker that starts now; return its new id. It is online from its first beat on.

    One that ends before that, at each of its starts, must not look as if it worked.
    """
    worker_id = str(uuid.uuid4())
    db.session.add(
        Worker(
            id=worker_id, host=socket.gethostname(), slots=slots, tags=tags, facts={},
            started=now_ms(), seen=0,
        )
    )  # fmt: skip
    return worker_id


def describe(worker_id: str, facts: dict[str, Any]) -> None:
    """Note what the worker has found on its machine: {"tools": {name: version}}."""
    db.session.execute(update(Worker).where(Worker.id == worker_id).values(facts=facts))


def beat(worker_id: str) -> None:
    """Note that the worker lives."""
    db.session.execute(update(Worker).where(Worker.id == worker_id).values(seen=now_ms()))


def leave(worker_id: str) -> None:
    """The worker has ended in order."""
    db.session.execute(delete(Worker).where(Worker.id == worker_id))


def forget_the_dead() -> None:
    """Delete the rows of workers that started a day ago and were not seen since yesterday."""
    past = now_ms() - FORGET_MS
    db.session.execute(delete(Worker).where(Worker.seen < past, Worker.started < past))


def online() -> list[Worker]:
    """The workers that live, the longest running first."""
    alive = select(Worker).where(Worker.seen > now_ms() - ONLINE_MS).order_by(Worker.started)
    return list(db.session.scalars(alive))


def served() -> set[str]:
    """The tags ("": none) whose tasks some worker that lives takes."""
    return {tag for worker in online() for tag in worker.tags or [""]}


def host_of(worker_id: str | None) -> str:
    """Name of the machine that a worker runs, or ran, on."""
    worker = db.session.get(Worker, worker_id) if worker_id else None
    return worker.host if worker else "an unknown host"


@dataclass(frozen=True)
class Places:
    """The slots of all workers that live, by tag, and how many of them are taken."""

    slots: Counter[str]
    taken: Counter[str]

    def serve(self, tag: str) -> bool:
        """Whether some worker takes tasks of this tag ("": without one)."""
        return self.slots[tag] > 0

    def reason(self, tag: str, position: int) -> str:
        """Why a row that no limit holds back still waits; it is the nth of its tag."""
        if not self.serve(tag):
            return f"No worker with tag {tag} is online" if tag else "No worker is online"
        total, free = self.slots[tag], self.slots[tag] - self.taken[tag]
        if free >= position:
            return "Starts now"
        return f"All {total} slots are busy (position {position - max(free, 0)})"


def places() -> Places:
    """Count slots and held tasks now."""
    slots, taken = Counter[str](), Counter[str]()
    held = dict(
        db.session.execute(
            select(Task.worker_id, func.count())
            .where(Task.status.in_(HELD), Task.worker_id.is_not(None))
            .group_by(Task.worker_id)
        ).all()
    )
    for worker in online():
        for tag in worker.tags or [""]:
            slots[tag] += worker.slots
            taken[tag] += held.get(worker.id, 0)
    return Places(slots, taken)
