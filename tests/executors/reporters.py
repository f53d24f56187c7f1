"""A reporter that needs no server and keeps everything."""

import os
import threading
import time
from collections.abc import Callable
from typing import Any

from app.executors.spec import Process
from app.lib.content import Content
from app.lib.marks import Marks


class ListReporter:
    """Keeps what it is told in lists; redacts nothing. It starts at `waiting`."""

    def __init__(self) -> None:
        self.cancelled = False
        self.lines: list[str] = []
        self.times: list[int] = []  # milliseconds since 1970, one for each line
        self.statuses = ["waiting"]
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.artifacts: dict[str, bytes] = {}
        self.holder = ""
        self.of_build: list[tuple[str, list[bytes]]] = []
        self.commits: list[tuple[str, str]] = []
        self._line_listeners: list[Callable[[int, int, str], None]] = []
        self._status_listeners: list[Callable[[str], None]] = []
        self._reader: threading.Thread | None = None
        self._marks: Marks | None = None
        self._on_mark: Callable[[int, int | None], None]
        self._first: int | None = None

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def line(self, text: str, at: int | None = None) -> None:
        at = max(at or int(time.time() * 1000), self.times[-1] if self.times else 0)
        self.lines.append(text)
        self.times.append(at)
        for listener in self._line_listeners:
            listener(len(self.lines) - 1, at, text)

    def attach(self, process: Process) -> None:
        output = os.dup(process.output)
        self._reader = threading.Thread(target=self._read, args=(output,))
        self._reader.start()

    def _read(self, output: int) -> None:
        with os.fdopen(output, "rb") as stream:
            for line in stream:
                self._take(line)

    def _take(self, line: bytes) -> None:
        text = b""
        for piece in self._marks.feed(line) if self._marks else (line,):
            if isinstance(piece, int):
                self._on_mark(piece, self._first)
                self._first = None
                continue
            text += piece
            if self._first is None and piece.strip(b"\r\n"):
                self._first = len(self.lines)
        if text:
            self.line(text.decode(errors="replace").removesuffix("\n"))

    def status(self, status: str) -> None:
        self.statuses.append(status)
        for listener in self._status_listeners:
            listener(status)

    def on_status(self, listener: Callable[[str], None]) -> None:
        self._status_listeners.append(listener)

    def on_line(self, listener: Callable[[int, int, str], None]) -> None:
        self._line_listeners.append(listener)

    def on_mark(self, nonce: str, listener: Callable[[int, int | None], None]) -> None:
        self._marks, self._on_mark = Marks(nonce), listener

    def commit(self, hash: str, message: str) -> None:
        self.commits.append((hash, message))

    def artifact(self, name: str, content: Content, size: int) -> str:
        self.artifacts[name] = b"".join(iter(lambda: content.read(1000), b""))
        return ""

    def build_artifacts(self) -> list[tuple[str, list[bytes]]]:
        return self.of_build

    def lock_holder(self) -> str:
        return self.holder

    def drain(self) -> None:
        if self._reader:
            self._reader.join()

    def event(self, kind: str, **data: Any) -> None:
        self.events.append((kind, data))
