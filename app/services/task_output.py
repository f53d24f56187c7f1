"""Read a run's output, finished or not: a range of lines, a page, a search, sections, all of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from redis import RedisError
from sqlalchemy import select

from app.db import db
from app.errors import NotFound
from app.extensions import redis
from app.lib import log_search, log_stream
from app.lib.escapes import without_escapes
from app.lib.log_chunks import Mark, marks_of
from app.models import FINISHED, Project, Task, TaskSection, TaskTemplate
from app.services.task_output_pieces import Piece, Run, between, everything, marks_in, reading
from app.services.task_output_sections import Section

MOST = 2000  # lines of one answer
MOST_BYTES = 4 * 1024 * 1024  # of one answer; lines beyond are asked for again
LONGEST_LINE = 16 * 1024  # bytes of a line that are shown


@dataclass(frozen=True, slots=True)
class Log:
    """A task whose output is read outside a transaction, as it was when it was looked for."""

    id: int
    is_finished: bool
    line_count: int
    template: str  # the template's name


@dataclass(frozen=True, slots=True)
class Lines:
    """Consecutive lines, perhaps fewer than were asked for: the rest is asked for again."""

    start: int
    total: int  # lines that the run has by now
    done: bool  # whether it will get no more
    marks: list[Mark]  # (line, ms since 1970) of each batch, the first one at `start`
    lines: list[str]  # with escape sequences, without line ends, cut at 16 KB


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the plain log, numbered from 1."""

    number: int
    pages: int
    lines: Lines


def find(project: Project, task_id: int) -> Log:
    """The output of one of the project's tasks, to be read outside a transaction. Or NotFound."""
    query = (
        select(Task.id, Task.status, Task.line_count, TaskTemplate.name)
        .join(TaskTemplate, TaskTemplate.id == Task.template_id)
        .where(Task.project_id == project.id, Task.id == task_id)
    )
    with reading():
        row = db.session.execute(query).one_or_none()
    if row is None:
        raise NotFound(f"Run {task_id} does not exist in this project")
    return Log(row.id, row.status in FINISHED, row.line_count, row.name)


def lines(run: Run, start: int, count: int) -> Lines:
    """The lines from `start` on, at most `count`, 2,000 and 4 MB of them; numbers from 0."""
    pieces, total = between(run, start, start + min(count, MOST))
    texts: list[str] = []
    left = MOST_BYTES
    for line in (line for piece in pieces for line in piece.text.split(b"\n")[:-1]):
        if left <= 0:
            break
        texts.append(shown(line))
        left -= min(len(line), LONGEST_LINE)
    marks = marks_of(marks_in(pieces), start, start + len(texts))
    return Lines(start, total, run.is_finished, marks, texts)


def page(run: Run, number: int, size: int = MOST) -> Page:
    """A page of the plain log; instead of one that does not exist the nearest that does."""
    total = between(run, 0, 0)[1]
    pages = max(1, -(-total // size))
    number = min(max(1, number), pages)
    return Page(number, pages, lines(run, (number - 1) * size, size))


def search(run: Run, query: log_search.Query, start: int = 0) -> log_search.Found:
    """Search the whole output; the first 2,000 matching lines from `start` on are named."""
    texts = ((piece.first_line, piece.text) for piece in everything(run))
    return log_search.search(texts, query, start)


def sections(run: Run, since: int = 0) -> tuple[int, list[dict[str, Any]]]:
    """The newest rev, and the sections that have changed after `since`, as pages get them."""
    query = select(TaskSection).where(TaskSection.task_id == run.id, TaskSection.rev > since)
    live = [] if run.is_finished else _live_sections(run)
    with reading():
        found = [Section.of_row(row) for row in db.session.scalars(query)]
    newest = {section.seq: section for section in sorted([*found, *live], key=_rev)}
    changed = [section for section in newest.values() if section.rev > since]
    rev = max([since, *(section.rev for section in changed)])
    return rev, [section.wire() for section in sorted(changed, key=lambda s: s.seq)]


def raw(run: Run, *, plain: bool = False, times: bool = False) -> Iterator[bytes]:
    """The whole output, as far as it has come when this begins, in pieces of some 64 KB.

    `plain` leaves escape sequences out, `times` puts its time in front of each line, in ISO
    format. Nothing is held between two pieces: to be used outside a transaction.
    """
    for piece in everything(run):
        text = _with_times(piece) if times else piece.text
        yield without_escapes(text) if plain else text


def timed(run: Run) -> Iterator[tuple[int, bytes]]:
    """Every line, raw and without its end, with its time in ms since 1970; otherwise as `raw`."""
    for piece in everything(run):
        for ms, texts in by_time(piece):
            yield from ((ms, text) for text in texts)


def by_time(piece: Piece) -> Iterator[tuple[int, list[bytes]]]:
    """The lines of a piece, raw, with the ms since 1970 of each batch."""
    texts = piece.text.split(b"\n")
    ends = [line for line, _ in piece.marks[1:]] + [piece.end]
    for (line, ms), end in zip(piece.marks, ends, strict=True):
        yield ms, texts[line - piece.first_line : end - piece.first_line]


def _with_times(piece: Piece) -> bytes:
    parts = []
    for ms, texts in by_time(piece):
        time = datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds")
        prefix = time.replace("+00:00", "Z ").encode()
        parts += [prefix + text + b"\n" for text in texts]
    return b"".join(parts)


def _live_sections(run: Run) -> list[Section]:
    """Those that may not be in the database: they came after the last line that is."""
    try:
        entries = log_stream.read(redis.client, run.id, max(0, run.line_count - 1))
    except RedisError:
        return []
    return [Section.of_json(e.json) for e in entries if isinstance(e, log_stream.Section)]


def _rev(section: Section) -> int:
    return section.rev


def shown(line: bytes) -> str:
    """A line as pages get it, here and over the socket: cut at 16 KB."""
    if len(line) <= LONGEST_LINE:
        return line.decode(errors="replace")
    size = f"{len(line) / 1e6:.1f} MB" if len(line) >= 1e6 else f"{len(line) // 1000} KB"
    beginning = (
        line[:LONGEST_LINE].decode(errors="replace").removesuffix("\N{REPLACEMENT CHARACTER}")
    )
    return f"{beginning}… {size}, open raw"
