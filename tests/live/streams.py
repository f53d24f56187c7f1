"""Messages of one run, and the store of its lines."""

import json

from redis import ConnectionError

from app.lib.line_writer import Batch
from app.live.api_viewer import ApiViewer
from app.live.messages import End, Event, Lines, log_frames

RUN, PROJECT, MS = 42, 1, 1_732_354_808_123


class Store:
    """The lines of a run that can be read: `line 0` and so on."""

    def __init__(self) -> None:
        self.count = 0
        self.text = "line"
        self.asked: list[int] = []
        self.fails = 0

    def read(self, run: int, project_id: int, line: int) -> list[bytes]:
        self.asked.append(line)
        if self.fails:
            self.fails -= 1
            raise ConnectionError
        numbers = range(line, min(line + 500, self.count))
        texts = [f"{self.text} {number}".encode() for number in numbers]
        return log_frames(run, project_id, MS, texts)


class Stream:
    """Messages of one run, each after the other."""

    def __init__(self, viewer: ApiViewer, store: Store) -> None:
        self._viewer, self._store = viewer, store
        self._events = 0

    def lines(self, first: int, count: int, *, stored: bool = True) -> None:
        numbers = range(first, first + count)
        data = "".join(f"{self._store.text} {number}\n" for number in numbers).encode()
        if stored:
            self._store.count = first + count
        self._viewer.lines(Lines(RUN, Batch(first, count, MS, data)))

    def status(self, word: str) -> None:
        self._events += 1
        update = {"type": "update", "task_id": RUN, "status": word}
        body = {"t": "run", "id": RUN, "st": word, "update": update}
        self._viewer.event(Event(PROJECT, f"{self._events}-0", json.dumps(body).encode()))

    def end(self, total: int) -> None:
        self._viewer.end(End(RUN, total))
