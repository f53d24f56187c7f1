"""The worker's own loop: it shows that the worker lives, and one keeper of all does the rounds.

The rounds are dispatching, sweeping and whatever else PERIODIC names. A lock in Redis decides who
does them; nothing is remembered from one to the next, so another keeper can go on at once.
"""

import logging
import signal
import time
from contextlib import suppress
from typing import Any

from redis import RedisError
from redis.client import PubSub
from sqlalchemy.exc import SQLAlchemyError

from app.db import db, transaction
from app.errors import Unavailable
from app.executors import TOOLS
from app.extensions import KICK, PREFIX, redis
from app.jobs import PERIODIC, Periodic, tasks
from app.lib import tools
from app.services import protection, sweep, workers

logger = logging.getLogger(__name__)

LOCK, LOCK_MS = PREFIX + "lock:keeper", 15_000
BEAT = 5.0  # seconds between two signs of life
LOOK = 1.0  # longest wait for a kick, so that periodic work is not late


class Keeper:
    """Runs until it is told to end by SIGTERM."""

    def __init__(self, worker_id: str) -> None:
        self._id = worker_id
        self._stopping = False
        self._beat_due = 0.0
        self._holds_lock = self._described = False
        self._due = dict.fromkeys(PERIODIC, 0.0)

    def run(self) -> None:
        """Loop; what fails is logged and tried again, since nothing here may end the worker."""
        signal.signal(signal.SIGTERM, self._stop)
        while not self._stopping:
            try:
                self._show_life()
                self._attend()
            except SQLAlchemyError as error:
                sweep.distrust_leases()
                self._wait_after(error)
            except (RedisError, OSError, Unavailable) as error:
                self._wait_after(error)
        self._leave()

    def _stop(self, *_: Any) -> None:
        self._stopping = True

    def _wait_after(self, error: Exception) -> None:
        logger.warning("keeper waits", extra={"error": str(error).split("\n")[0]})
        db.session.remove()
        time.sleep(0.5)

    def _attend(self) -> None:
        """Listen for kicks as long as Redis and the database answer."""
        listener = redis.blocking().pubsub(ignore_subscribe_messages=True)
        try:
            listener.subscribe(KICK)
            listener.get_message(timeout=1)  # subscribed: from now on no kick is missed
            while not self._stopping:
                self._round(kicked=_drain(listener))
        finally:
            listener.close()

    def _round(self, *, kicked: bool) -> None:
        self._show_life()
        self._holds_lock = self._take_lock()
        if self._holds_lock:
            self._do_rounds(kicked)
        if not self._described:
            self._describe()
        db.session.remove()

    def _show_life(self) -> None:
        """Also while Redis is away: the runs of this worker go on."""
        if time.monotonic() >= self._beat_due:
            with transaction():
                workers.beat(self._id)
            self._beat_due = time.monotonic() + BEAT

    def _do_rounds(self, kicked: bool) -> None:
        if kicked:
            tasks.top_up()
        for periodic in PERIODIC:
            self._perform(periodic)

    def _describe(self) -> None:
        """Note what this machine has; asking its tools takes a while, so it comes last."""
        found = {"tools": tools.versions(TOOLS), "isolation": protection.examine().facts}
        with transaction():
            workers.describe(self._id, found)
        self._described = True

    def _perform(self, periodic: Periodic) -> None:
        if time.monotonic() >= self._due[periodic]:
            self._due[periodic] = time.monotonic() + periodic.seconds
            periodic.run()

    def _take_lock(self) -> bool:
        """Take or renew the lock. Two holders would do the same work twice, never wrong work."""
        mine = self._id.encode()
        if redis.client.set(LOCK, mine, px=LOCK_MS, nx=True):
            return True
        if redis.client.get(LOCK) != mine:
            return False
        redis.client.pexpire(LOCK, LOCK_MS)
        return True

    def _leave(self) -> None:
        """Hand the lock over, so that the next keeper need not wait for it to expire."""
        with suppress(RedisError):
            if redis.client.get(LOCK) == self._id.encode():
                redis.client.delete(LOCK)
        with transaction():
            workers.leave(self._id)


def _drain(listener: PubSub) -> bool:
    """Wait for a kick, at most a second; many kicks are one."""
    kicked = listener.get_message(timeout=LOOK) is not None
    while listener.get_message(timeout=0):
        kicked = True
    return kicked
