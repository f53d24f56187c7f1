import pytest

from app.db import db
from app.extensions import redis
from app.lib import log_stream
from app.services import task_output, task_output_salvage
from app.services.task_output_sections import Section
from app.services.task_output_writer import Fenced
from tests.services.output import batch, held_task, nobody, numbered, sink_of, take_over, whole


@pytest.fixture
def task(project):
    return held_task(project)


def test_salvage_stores_what_only_the_stream_has(task):
    sink = sink_of(task, redis.client)
    sink.take(batch(0, numbered(0, 700, width=100)))
    for first in range(700, 720):
        sink.take(batch(first, numbered(first, 1), ms=first))
    claim = take_over(task)
    assert task_output_salvage.salvage(task.id, claim) == 720
    assert whole(task) == numbered(0, 700, width=100) + numbered(700, 20)
    assert task_output_salvage.salvage(task.id, claim) == 720
    with pytest.raises(Fenced):
        sink.flush()


def test_salvage_needs_the_claim(task):
    with pytest.raises(Fenced):
        task_output_salvage.salvage(task.id, "not the claim")


def test_lines_that_redis_has_lost_are_said_to_be_lost(task):
    sink = sink_of(task, redis.client)
    for number in range(4):
        sink.take(batch(number, b"%d\n" % number))
    oldest = redis.client.xrange(log_stream.key(task.id), count=2)
    redis.client.xdel(log_stream.key(task.id), oldest[1][0])
    task_output_salvage.salvage(task.id, take_over(task))
    assert [line[:20] for line in whole(task).splitlines()] == [
        b"0",
        b"(a line was lost her",
        b"2",
        b"3",
    ]


def test_salvage_without_redis_keeps_what_is_stored(task, app, monkeypatch):
    sink = sink_of(task, redis.client)
    sink.take(batch(0, b"a\n"))
    sink.flush()
    monkeypatch.setitem(app.extensions, "redis", nobody())
    assert task_output_salvage.salvage(task.id, take_over(task)) == 1
    task_output_salvage.finish(task.id, 1)


def test_salvage_ends_the_sections_that_were_open(task):
    sink = sink_of(task, redis.client)
    done = Section(1, "phase", "Git", 0, 1000, rev=2, last_line=1, last_ms=1500, status="success")
    running = Section(2, "phase", "Run", 2, 1600, rev=3)
    sink.announce([running], 2)
    sink.take(batch(0, b"a\nb\nc\n"))
    sink.flush()
    sink.announce([done], 3)
    task_output_salvage.salvage(task.id, take_over(task))
    db.session.rollback()
    rev, shown = task_output.sections(task)
    assert [(s["title"], s["to"], s["status"]) for s in shown] == [
        ("Git", 1, "success"),
        ("Run", 2, "stopped"),
    ]
    assert rev > 3


def test_the_end_of_a_salvaged_task_is_announced(task):
    sink_of(task, redis.client).take(batch(0, b"a\n"))
    task_output_salvage.finish(task.id, 1)
    assert log_stream.read(redis.client, task.id)[-1] == log_stream.End(1)
    assert redis.client.ttl(log_stream.key(task.id)) > 0
