"""A work horse that is forked in advance: what it has touched before costs a run no time.

A fork pays for each page it touches first, and for its connections: some 20 ms of the time
between a click and the first line.
"""

import json
import os
import signal
from collections.abc import Callable
from typing import Any, NoReturn, Self

from app.lib.linux import die_with

Order = dict[str, Any]


class Spare:
    """A forked child that waits for one order; it ends with its parent, and by SIGTERM."""

    def __init__(self, pid: int, orders: int) -> None:
        self.pid = pid
        self._orders = orders

    @classmethod
    def fork(cls, prepare: Callable[[], None], obey: Callable[[Order], NoReturn]) -> Self:
        """Fork a child which calls `prepare` at once, and `obey` with its order."""
        parent, (incoming, outgoing) = os.getpid(), os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(outgoing)
            _wait(parent, incoming, prepare, obey)
        os.close(incoming)
        return cls(pid, outgoing)

    @property
    def is_alive(self) -> bool:
        """Whether it still waits; one that has ended is reaped here."""
        return os.waitpid(self.pid, os.WNOHANG)[0] == 0

    def send(self, order: Order) -> None:
        """Give it its order (less than 4 KB) and let go of it: from now on it is a work horse."""
        try:
            os.write(self._orders, json.dumps(order).encode())
        except BrokenPipeError:
            pass  # It has just died; who waits for the work horse learns that.
        finally:
            os.close(self._orders)


def _wait(
    parent: int, orders: int, prepare: Callable[[], None], obey: Callable[[Order], NoReturn]
) -> NoReturn:
    try:
        die_with(parent)
        os.setpgrp()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        prepare()
        if order := os.read(orders, 4096):
            obey(json.loads(order))
    finally:
        os._exit(1)  # nothing may return into the parent's stack
