"""Hold a task while it runs: renew the lease, and learn from the row that it shall stop."""

import logging
import threading
import time
from collections.abc import Callable
from enum import StrEnum

from sqlalchemy import Engine, Select, Update, select, update

from app.clock import now_ms
from app.models import HELD, Task, TaskStatus
from app.services.patience import AWAY, PATIENCE

logger = logging.getLogger(__name__)

LOOK, RENEW = 0.25, 5.0  # seconds between looks at the row, and between renewals
LEASE_MS = 15_000


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
    `asked` tells of a reason that is not in the row: the worker shuts down.
    """

    def __init__(
        self,
        engine: Engine,
        task_id: int,
        claim: str,
        on_end: Callable[[Why, bool], None],
        asked: Callable[[], Why | None] = lambda: None,
    ) -> None:
        super().__init__(name=f"lease-{task_id}", daemon=True)
        self._engine, self._task_id, self._claim = engine, task_id, claim
        self._on_end, self._asked = on_end, asked
        self._told: tuple[Why, bool] | None = None
        self._over = threading.Event()
        self._renew_at = 0.0

    @property
    def why(self) -> Why | None:
        """Why the run has to end; None while it may go on."""
        return self._told[0] if self._told else None

    def close(self) -> None:
        """The run is over: look no more."""
        self._over.set()
        if self.is_alive():
            self.join()

    def run(self) -> None:
        seen = time.monotonic()
        self._renew_at = seen + RENEW
        while not self._over.wait(LOOK):
            if why := self._asked():
                self._end(why, force=True)
            try:
                self._look()
                seen = time.monotonic()
            except AWAY as error:
                logger.warning("lease waits", extra={"error": str(error.args[0])})
                if time.monotonic() - seen > PATIENCE:
                    self._end(Why.LOST, force=True)

    def _end(self, why: Why, *, force: bool) -> None:
        """Tell the caller; what he knows is not said again, but that a stop is now forced."""
        told = self._told
        if told is None:
            self._told = (why, force)
        elif force and not told[1]:
            self._told = (told[0], True)
        else:
            return
        self._on_end(*self._told)

    def _look(self) -> None:
        """Read the row, and renew the lease if that is due."""
        with self._engine.execution_options(write=False).begin() as connection:
            row = connection.execute(state_of(self._task_id, self._claim)).one_or_none()
        if row is None:
            self._end(Why.LOST, force=True)
        elif row.status == TaskStatus.STOPPING:
            self._end(Why.STOPPED, force=row.force_stop)
        if time.monotonic() >= self._renew_at:
            with self._engine.execution_options(write=True).begin() as connection:
                connection.execute(renewal(self._task_id, self._claim))
            self._renew_at = time.monotonic() + RENEW
