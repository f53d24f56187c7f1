"""The parts of every run that its page shows as sections: Prepare, Git, Run."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from app.executors.spec import Cancelled, PreparationFailed, Reporter


class Phase:
    """`status` is what is reported at the end if nothing is raised."""

    status = "success"


@contextmanager
def phase(reporter: Reporter, name: str) -> Iterator[Phase]:
    """Report begin and end of a part of the run."""
    reporter.event("section", phase=name, state="begin")
    current = Phase()
    try:
        yield current
    except BaseException as error:
        current.status = "stopped" if isinstance(error, Cancelled) else "failed"
        raise
    finally:
        reporter.event("section", phase=name, state="end", status=current.status)


class Watch:
    """Says whether the run may go on; begins to count the time limit when it is made."""

    def __init__(self, reporter: Reporter, limit: int, limit_of: str = "") -> None:
        """`limit` in seconds, 0 for none; `limit_of` says whose it is."""
        self._reporter = reporter
        self._limit, self._limit_of = limit, limit_of
        self._end = time.monotonic() + limit

    def check(self) -> None:
        """Raise Cancelled after a stop, PreparationFailed after the time limit."""
        if self._reporter.cancelled:
            raise Cancelled
        if self.is_over:
            raise PreparationFailed(self.reason)

    @property
    def is_over(self) -> bool:
        return bool(self._limit) and time.monotonic() >= self._end

    @property
    def reason(self) -> str:
        of = f" of the {self._limit_of}" if self._limit_of else ""
        return f"The time limit{of}, {self._limit} s, was reached"
