"""The part of a run's output that is in the database: chunks, sections, the number of lines."""

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, delete, func, insert, select, update

from app.lib.line_writer import Batch
from app.lib.log_chunks import CHUNK, Chunk, Packer
from app.models import Task, TaskChunk, TaskHost, TaskResult, TaskSection
from app.services.patience import PATIENCE, patiently
from app.services.task_output_sections import Section
from app.services.task_results import Rows
from app.services.task_states import Fenced

logger = logging.getLogger(__name__)


_MINE = (Task.id == bindparam("of_task"), Task.claim == bindparam("held_by"))
_COUNT = update(Task).where(*_MINE).values(line_count=bindparam("lines"))
_FORGET = delete(TaskChunk).where(
    TaskChunk.task_id == bindparam("of_task"), TaskChunk.first_line >= bindparam("line")
)
_FORGET_SECTION = delete(TaskSection).where(
    TaskSection.task_id == bindparam("of_task"), TaskSection.seq == bindparam("number")
)
_FORGET_HOST = delete(TaskHost).where(
    TaskHost.task_id == bindparam("of_task"), TaskHost.seq == bindparam("number")
)
_FORGET_HOSTS = delete(TaskHost).where(TaskHost.task_id == bindparam("of_task"))
_FORGET_RESULTS = delete(TaskResult).where(
    TaskResult.task_id == bindparam("of_task"), TaskResult.seq >= bindparam("number")
)
_ADD, _ADD_SECTION = insert(TaskChunk), insert(TaskSection)
_ADD_HOST, _ADD_RESULT = insert(TaskHost), insert(TaskResult)
_LAST_SECTION, _LAST_REV = (
    select(func.coalesce(func.max(column), 0))
    .where(TaskSection.task_id == bindparam("of_task"))
    .scalar_subquery()
    for column in (TaskSection.seq, TaskSection.rev)
)
_STATE = select(Task.line_count, _LAST_SECTION, _LAST_REV).where(*_MINE)


@dataclass(frozen=True, slots=True)
class State:
    """How far a task's output has come: lines, the last section's number, the last rev."""

    lines: int
    sections: int
    rev: int


class Store:
    """Writes output of a task that is held under `claim`, in transactions of its own.

    A transaction that finds the database away is tried again for a minute. Everything raises
    Fenced once the task is somebody else's, and writes nothing then.
    """

    def __init__(self, engine: Engine, task_id: int, claim: str) -> None:
        self._engine = engine.execution_options(write=True)
        self._task_id, self._claim = task_id, claim
        with engine.execution_options(write=False).connect() as connection:
            row = connection.execute(_STATE, self._mine).one_or_none()
        if row is None:
            raise Fenced
        self.before = State(*row)
        self.lines = self.before.lines  # all lines before this one are stored
        self._packer = Packer(self.lines)
        self._sections: dict[int, Section] = {}
        self._results = Rows()
        self._has_results = False  # of this attempt; those of an earlier one go with the first
        self.patience = PATIENCE  # any thread may end it early

    @property
    def unstored(self) -> int:
        """Bytes of lines that are not stored."""
        return self._packer.unstored

    def add(self, batch: Batch) -> None:
        """Take the batch that follows; it is not stored yet."""
        self._packer.add(batch)

    def add_section(self, section: Section) -> None:
        """Take a section that is new or has changed; it is not stored yet."""
        self._sections[section.seq] = section

    def add_results(self, rows: Rows) -> None:
        """Take results that are new or have changed; they are not stored yet."""
        self._results.add(rows)

    def store(self, *, everything: bool = False) -> int:
        """Store whole chunks with sections and results, or `everything`; return how many bytes
        are new."""
        least, before = 1 if everything else CHUNK, self.unstored
        while self.unstored >= least or (everything and (self._sections or self._results)):
            chunks = self._packer.pack(everything=everything)
            end = chunks[-1].end if chunks else self.lines
            self._persist(chunks, end)
            self.lines = end
            self._sections.clear()
            self._has_results = self._has_results or bool(self._results)
            self._results = Rows()
            self._packer.stored(chunks)
        return before - self.unstored

    def _persist(self, chunks: Sequence[Chunk], end: int) -> None:
        def attempt() -> None:
            with self._engine.begin() as connection:
                self._write(connection, chunks, end)

        patiently(attempt, patience=lambda: self.patience)

    def _write(self, connection: Connection, chunks: Sequence[Chunk], end: int) -> None:
        """Also if an earlier attempt was committed after all: the same rows replace themselves."""
        if not connection.execute(_COUNT, self._mine | {"lines": end}).rowcount:
            raise Fenced
        task = {"task_id": self._task_id}
        if chunks:
            first = {"of_task": self._task_id, "line": chunks[0].first_line}
            connection.execute(_FORGET, first)
            connection.execute(_ADD, [task | _columns(chunk) for chunk in chunks])
        if sections := self._sections.values():
            old = [{"of_task": self._task_id, "number": section.seq} for section in sections]
            connection.execute(_FORGET_SECTION, old)
            connection.execute(_ADD_SECTION, [task | asdict(section) for section in sections])
        if self._results:
            self._write_results(connection)

    def _write_results(self, connection: Connection) -> None:
        task, of = {"task_id": self._task_id}, {"of_task": self._task_id}
        hosts, results = self._results.hosts.values(), self._results.results
        if not self._has_results:
            connection.execute(_FORGET_HOSTS, of)
            connection.execute(_FORGET_RESULTS, of | {"number": 0})
        if hosts:
            connection.execute(_FORGET_HOST, [of | {"number": host.seq} for host in hosts])
            connection.execute(_ADD_HOST, [task | asdict(host) for host in hosts])
        if results:
            connection.execute(_FORGET_RESULTS, of | {"number": results[0].seq})
            connection.execute(_ADD_RESULT, [task | asdict(result) for result in results])

    @property
    def _mine(self) -> dict[str, Any]:
        return {"of_task": self._task_id, "held_by": self._claim}


def warm(connection: Connection, task_id: int) -> None:
    """Compile every statement of this module into the cache of the connection's engine.

    What they write of the task, which has no output, is to be rolled back.
    """
    chunk = Chunk(first_line=0, n_lines=0, raw_len=0, first_ms=0, last_ms=0, marks=b"", data=b"")
    section = Section(seq=0, kind="", title="", first_line=0, first_ms=0, rev=0)
    mine: dict[str, Any] = {"of_task": task_id, "held_by": ""}
    task = {"task_id": task_id}
    rows: list[tuple[Any, dict[str, Any], str]] = [  # the last is what tells rows apart
        (_STATE, mine, ""),
        (_COUNT, mine | {"lines": 0}, ""),
        (_FORGET, {"of_task": task_id, "line": 0}, ""),
        (_FORGET_SECTION, {"of_task": task_id, "number": 0}, ""),
        (_ADD, task | _columns(chunk), "first_line"),
        (_ADD_SECTION, task | asdict(section), "seq"),
    ]
    for statement, row, key in rows:
        connection.execute(statement, row)  # one row and several are compiled apart
        if statement is not _STATE:
            connection.execute(statement, [row | ({key: n} if key else {}) for n in (1, 2)])


def _columns(chunk: Chunk) -> dict[str, Any]:
    return {name: getattr(chunk, name) for name in Chunk.__slots__}
