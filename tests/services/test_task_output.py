import subprocess

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.db import db
from app.errors import NotFound
from app.extensions import redis
from app.lib.log_search import Query
from app.services import task_output, task_output_salvage
from app.services.task_output_writer import TaskOutput
from tests import factories
from tests.services.output import (
    CLAIM,
    batch,
    end,
    held_task,
    nobody,
    numbered,
    sink_of,
    take_over,
    whole,
)


@pytest.fixture
def task(project):
    return held_task(project)


@pytest.fixture
def redis_away(app, monkeypatch):
    monkeypatch.setitem(app.extensions, "redis", nobody())


def write(task, *texts: bytes, stored: bool = True) -> None:
    """Batches a second apart; `stored`: all of them are in the database."""
    sink, first = sink_of(task, redis.client), task.line_count
    for number, text in enumerate(texts, 1):
        sink.take(batch(first, text, 1000 * number))
        first += text.count(b"\n")
    if stored:
        sink.flush()
    db.session.refresh(task)


def test_a_range_of_a_finished_run(task):
    write(task, b"a\nb\n", b"c\n", b"d\ne\n")
    found = task_output.lines(end(task), 1, 3)
    assert (found.start, found.total, found.done) == (1, 5, True)
    assert found.lines == ["b", "c", "d"]
    assert found.marks == [(1, 1000), (2, 2000), (3, 3000)]


@pytest.mark.parametrize("stored", [True, False])
def test_beyond_the_end_there_is_nothing(task, stored):
    write(task, b"a\n", stored=stored)
    assert task_output.lines(task, 1, 10) == task_output.Lines(1, 1, False, [], [])
    assert task_output.lines(task, 10**12, 10).lines == []


def test_without_output_there_is_nothing(task):
    assert task_output.lines(task, 0, 10) == task_output.Lines(0, 0, False, [], [])
    assert whole(task) == b""
    assert task_output.search(task, Query("x")).total == 0


def test_what_is_not_stored_comes_from_the_stream(task):
    write(task, b"a\nb\n")
    sink = sink_of(task, redis.client)
    sink.take(batch(2, b"c\nd\n", 5000))
    sink.take(batch(4, b"e\n", 6000))
    found = task_output.lines(task, 1, 3)
    assert (found.lines, found.total) == (["b", "c", "d"], 5)
    assert found.marks == [(1, 1000), (2, 5000)]
    assert whole(task) == b"a\nb\nc\nd\ne\n"
    assert task_output.search(task, Query("e")).lines == [4]


def test_without_redis_what_is_stored_can_be_read(task, redis_away):
    write(task, b"a\nb\n")
    assert task_output.lines(task, 0, 9).lines == ["a", "b"]
    assert task_output.sections(task) == (0, [])


def test_a_gap_is_never_skipped(task):
    write(task, b"a\n")
    sink_of(task, redis.client)._stream.batch(batch(5, b"f\n"))
    found = task_output.lines(task, 0, 10)
    assert (found.lines, found.total) == (["a"], 6)


def test_a_long_line_is_cut_and_says_how_long_it_is(task):
    write(task, b"x" * 16384 + b"\n" + "é".encode() * 9000 + b"\n" + b"y" * 1_000_000 + b"\n")
    full, middle, long = task_output.lines(task, 0, 3).lines
    assert full == "x" * 16384
    assert middle == "é" * 8192 + "… 18 KB, open raw"
    assert long == "y" * 16384 + "… 1.0 MB, open raw"


def test_bytes_that_are_no_text_are_replaced(task):
    write(task, b"\xff\x00caf\xc3\xa9\r\x1b[1mx\n")
    assert task_output.lines(task, 0, 1).lines == ["\ufffd\x00café\r\x1b[1mx"]
    assert whole(task) == b"\xff\x00caf\xc3\xa9\r\x1b[1mx\n"


def test_an_answer_has_at_most_2000_lines_and_some_megabytes(task):
    write(task, numbered(0, 2500))
    assert len(task_output.lines(task, 10, 9999).lines) == 2000
    write(task, (b"z" * 16_000 + b"\n") * 600)
    found = task_output.lines(task, 2500, 600)
    assert len(found.lines) == 263
    assert task_output.lines(task, 2763, 1).lines == ["z" * 16_000]


def test_pages_of_the_plain_log(task):
    write(task, numbered(0, 25))
    first = task_output.page(task, 1, size=10)
    assert (first.number, first.pages, len(first.lines.lines)) == (1, 3, 10)
    last = task_output.page(task, 99, size=10)
    assert (last.number, last.lines.start, len(last.lines.lines)) == (3, 20, 5)
    assert task_output.page(task, -1, size=10) == first


def test_search_counts_all_lines_and_names_the_first_from_where_asked(task):
    write(task, *(numbered(first, 5000, width=20) for first in range(0, 20_000, 5000)))
    found = task_output.search(task, Query("9 x"), start=15_000)
    assert (found.total, found.more) == (2000, False)
    assert found.lines == list(range(15_009, 20_000, 10))
    assert task_output.search(task, Query(r"^line 1?7 ", pattern=True)).lines == [7, 17]


def test_the_raw_output_plain_and_with_times(task):
    write(task, b"\x1b[32mok\x1b[0m\nb\n", b"c\n")
    task = end(task)
    assert whole(task) == b"\x1b[32mok\x1b[0m\nb\nc\n"
    assert b"".join(task_output.raw(task, plain=True)) == b"ok\nb\nc\n"
    assert b"".join(task_output.raw(task, plain=True, times=True)) == (
        b"1970-01-01T00:00:01.000Z ok\n1970-01-01T00:00:01.000Z b\n1970-01-01T00:00:02.000Z c\n"
    )
    assert list(task_output.timed(task)) == [
        (1000, b"\x1b[32mok\x1b[0m"),
        (1000, b"b"),
        (2000, b"c"),
    ]


def test_reading_the_raw_output_holds_no_connection(task, project):
    write(task, *(numbered(first, 1000, width=200) for first in range(0, 20_000, 1000)))
    log = task_output.find(project, task.id)
    db.session.rollback()
    pieces = task_output.raw(log)
    next(pieces)
    assert not db.session().in_transaction()
    assert db.engine.pool.checkedout() == 0
    assert sum(1 for _ in pieces) > 40


def test_a_log_is_found_through_its_project(task, project):
    write(task, b"a\n")
    log = task_output.find(project, task.id)
    assert (log.id, log.is_finished, log.line_count, log.template) == (task.id, False, 1, "Hello")
    for stranger, number in ((factories.project("Other"), task.id), (project, 10**17)):
        with pytest.raises(NotFound):
            task_output.find(stranger, number)


def test_a_reader_of_a_running_task_sees_no_hole(task):
    """Whatever is flushed and trimmed in between, each answer goes on where it was asked to."""
    output = TaskOutput(task.id, CLAIM)
    process = subprocess.Popen(["seq", "0", "299999"], stdout=subprocess.PIPE)
    output.attach(process.stdout.fileno())
    at = answers = 0
    while at < 300_000:
        db.session.rollback()
        found = task_output.lines(task, at, 2000)
        assert found.lines == [str(n) for n in range(at, at + len(found.lines))]
        assert bool(found.lines) == (found.total > at)
        at += len(found.lines)
        answers += 1
    process.wait()
    process.stdout.close()
    output.drain()
    output.close()
    assert answers >= 150


texts = st.binary(max_size=3000).map(lambda raw: raw + b"\n")


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(texts, st.sampled_from(["", "flush", "crash"])), max_size=12), st.data())
def test_what_is_read_is_what_was_written(project, steps, data):
    """Batches, some flushed; after a crash the rest is salvaged under a new claim."""
    task = held_task(project)
    sink, written, marks, claim = sink_of(task, redis.client), b"", {}, CLAIM
    for number, (text, then) in enumerate(steps, 1):
        first = written.count(b"\n")
        sink.take(batch(first, text, number))
        marks |= dict.fromkeys(range(first, first + text.count(b"\n")), number)
        written += text
        if then == "flush":
            sink.flush()
        elif then == "crash":
            claim = f"claim {number}"
            take_over(task, claim)
            assert task_output_salvage.salvage(task.id, claim) == written.count(b"\n")
            sink = sink_of(task, redis.client, claim)
            sink.begin()
    assert whole(task) == written
    every = [line.decode(errors="replace") for line in written.split(b"\n")[:-1]]
    start = data.draw(st.integers(0, len(every)))
    count = data.draw(st.integers(0, len(every)))
    found = task_output.lines(task, start, count)
    assert (found.lines, found.total) == (every[start : start + count], len(every))
    times = dict(found.marks)
    assert set(times) <= set(range(start, start + len(found.lines)))
    assert not found.lines or found.marks[0][0] == start
    for line in range(start, start + len(found.lines)):
        held = max(mark for mark in times if mark <= line)
        assert times[held] == marks[line]
