"""A question, who looks for the answer, and why there may be none."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from app.executors.spec import Process
from app.lib.content import Content


class NoAnswer(Exception):
    """What was asked about is wrong; the text says what, and what to do."""


class TookTooLong(Exception):
    """The time of a look is over."""


@dataclass(frozen=True)
class Look:
    """One look: `check` between all steps ends it in time, `mark` finds all that it has started."""

    mark: str
    limit: float
    began: float = field(default_factory=time.monotonic)

    def check(self) -> None:
        """Raises TookTooLong when the time is over."""
        if self.left <= 0:
            raise TookTooLong

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return self.began + self.limit - time.monotonic()


class Question(Protocol):
    """Plain values that a look needs; what of them is secret is shown by no repr."""

    def answer(self, look: Look) -> dict[str, Any]:
        """What was found, as JSON values without any secret.

        Raises NoAnswer, TookTooLong, and what git and the preparation of a run raise.
        """
        ...


class Silent:
    """The reporter of a look: nobody reads its log."""

    cancelled = False

    def line(self, text: str, at: int | None = None) -> None: ...
    def attach(self, process: Process) -> None: ...
    def status(self, status: str) -> None: ...
    def on_status(self, listener: Callable[[str], None]) -> None: ...
    def on_line(self, listener: Callable[[int, int, str], None]) -> None: ...
    def on_mark(self, nonce: str, listener: Callable[[int, int | None], None]) -> None: ...
    def commit(self, hash: str, message: str) -> None: ...
    def artifact(self, name: str, content: Content, size: int) -> str:
        return ""

    def build_artifacts(self) -> Iterable[tuple[str, Iterable[bytes]]]:
        return ()

    def lock_holder(self) -> str:
        return ""

    def drain(self) -> None: ...
    def event(self, kind: str, **data: Any) -> None: ...
