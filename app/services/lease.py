"""Hold a task while it runs: renew the lease, and learn from the row that it shall stop."""

import logging
import threading
import time
from collections.abc import Callable
from enum import StrEnum

from sqlalchemy import Engine, Select, Update, select, update
from sqlalchemy.exc import DBAPIError

from app.db import now_ms
from app.models import HELD, Task, TaskStatus

logger = logging.getLogger(__name__)

LOOK, RENEW = 0.25, 5.0  # seconds between looks at the row, and between renewals
LEASE_MS = 15_000
PATIENCE = 60.0  # seconds the database may be away before the run is given up


class Why(StrEnum):
    """Why a run has to end before its command does."""

    STOPPED = "stopped"
    SHUTDOWN = "shutdown"
    LOST = "lost"  # the row is somebody else's, or the database is away for too long


def state_of(task_id: int, claim: str) -> Select[str, bool]:
    """The row as its holder sees it; nothing: it is not his any more."""
    row = select(Task.status, Task.force_stop)
    return row.where(Task.id == task_id, Task.claim == claim, Task.status.in_(HELD))


def renewal(task_id: int, claim: str) -> Update:
    """Renew the lease; a lease that has run out may be renewed while the claim is still ours."""
    row = update(Task).where(Task.id == task_id, Task.claim == claim, Task.status.in_(HELD))
    return row.values(lease_until=now_ms() + LEASE_MS)


class Lease(threading.Thread):
    """Watches one held row. `on_end(why, force)` is called, in this thread, when it shall end.

    It is called again when a stop becomes a forced one. With force the caller skips the grace.
    """

    def __init__(
        self, engine: Engine, task_id: int, claim: str, on_end: Callable[[Why, bool], None]
    ) -> None:
        super().__init__(name=f"lease-{task_id}", daemon=True)
        self._engine, self._task_id, self._claim = engine, task_id, claim
        self._on_end = on_end
        self._told: tuple[Why, bool] | None = None
        self._over = threading.Event()

    @property
    def why(self) -> Why | None:
        """Why the run has to end; None while it may go on."""
        return self._told[0] if self._told else None

    def end(self, why: Why, *, force: bool) -> None:
        """Tell the caller, unless he knows it or something stronger already."""
        told, self._told = self._told, (why, force)
        if told is None or (force and not told[1]):
            self._on_end(why, force)

    def close(self) -> None:
        """The run is over: look no more."""
        self._over.set()
        self.join()

    def run(self) -> None:
        seen = time.monotonic()
        renew_at = seen + RENEW
        while not self._over.wait(LOOK):
            try:
                renew_at = self._look(renew_at)
                seen = time.monotonic()
            except DBAPIError as error:
                logger.warning("lease waits for the database", extra={"error": str(error.orig)})
                if time.monotonic() - seen > PATIENCE:
                    self.end(Why.LOST, force=True)

    def _look(self, renew_at: float) -> float:
        """Read the row, renew what is due; return when the next renewal is."""
        with self._engine.execution_options(write=False).begin() as connection:
            row = connection.execute(state_of(self._task_id, self._claim)).one_or_none()
        if row is None:
            self.end(Why.LOST, force=True)
        elif row.status == TaskStatus.STOPPING:
            self.end(Why.STOPPED, force=row.force_stop)
        if time.monotonic() < renew_at:
            return renew_at
        with self._engine.execution_options(write=True).begin() as connection:
            connection.execute(renewal(self._task_id, self._claim))
        return time.monotonic() + RENEW
