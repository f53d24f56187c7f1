"""Save the output of a writer that has died: what its stream holds beyond the database."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import replace

from redis import RedisError
from sqlalchemy import select

from app.db import db
from app.extensions import redis
from app.lib import log_stream
from app.lib.line_writer import Batch
from app.models import TaskSection
from app.services.task_output_sections import Section
from app.services.task_output_store import Store

logger = logging.getLogger(__name__)

LOST = b"(a line was lost here when the worker died)\n"


def salvage(task_id: int, claim: str) -> int:
    """Store what a dead writer has left in the stream, end its sections; return how many lines
    the task has.

    Called under a new claim, before the task gets its next status. Raises Fenced if the claim does
    not hold the task, and what the database says if it is away for a minute.
    """
    store = Store(db.engine, task_id, claim)
    entries = _left_over(task_id, store.lines)
    batches = [entry for entry in entries if isinstance(entry, Batch)]
    for batch in _contiguous(batches, store.lines):
        store.add(batch)
    total = max([store.lines, *(batch.end for batch in batches)])
    sections = [entry for entry in entries if isinstance(entry, log_stream.Section)]
    for section in _ended(_open_sections(task_id, sections), total, store.before.rev):
        store.add_section(section)
    store.store(everything=True)
    return total


def finish(task_id: int, total: int) -> None:
    """The final status of a task whose writer had died is committed: end its stream."""
    try:
        log_stream.Writer(redis.client, task_id).end(total)
    except RedisError as error:
        logger.warning("the end of the output was not announced", extra={"error": str(error)})


def _left_over(task_id: int, stored: int) -> list[log_stream.Entry]:
    try:
        return log_stream.read(redis.client, task_id, max(0, stored - 1))
    except RedisError as error:
        logger.warning("unstored output is out of reach", extra={"error": str(error)})
        return []


def _contiguous(batches: Iterable[Batch], line: int) -> Iterator[Batch]:
    """The lines from `line` on; in place of those that Redis has lost there is a text."""
    for batch in (batch for batch in batches if batch.end > line):
        if batch.first_line > line:
            missing = batch.first_line - line
            yield Batch(line, missing, batch.ms, LOST * missing)
        elif batch.first_line < line:
            batch = _without(batch, line - batch.first_line)
        yield batch
        line = batch.end


def _without(batch: Batch, count: int) -> Batch:
    """The batch without its first lines, which are stored."""
    rest = batch.data.split(b"\n", count)[count]
    return replace(
        batch, first_line=batch.first_line + count, n_lines=batch.n_lines - count, data=rest
    )


def _open_sections(task_id: int, entries: Iterable[log_stream.Section]) -> list[Section]:
    """The sections that have not ended, or whose end is not stored."""
    query = select(TaskSection).where(
        TaskSection.task_id == task_id, TaskSection.last_line.is_(None)
    )
    with db.engine.connect() as connection:
        sections = {row.seq: Section.of_row(row) for row in connection.execute(query)}
    for entry in entries:
        section = Section.of_json(entry.json)
        sections[section.seq] = section
    return list(sections.values())


def _ended(sections: Iterable[Section], total: int, rev: int) -> Iterator[Section]:
    for section in sections:
        rev = max(rev, section.rev) + 1
        section.rev = rev
        if section.last_line is None:
            section.last_line, section.status = total - 1, "stopped"
        yield section
