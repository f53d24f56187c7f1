import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.extensions import redis
from app.lib import log_stream
from app.lib.embedded_redis import EmbeddedRedis
from app.lib.log_chunks import CHUNK, TOGETHER
from app.services import task_output, task_output_sink
from app.services.task_output_sink import LIVE
from tests.lib import valkey
from tests.services.output import (
    batch,
    chunks,
    held_task,
    nobody,
    sink_of,
    whole,
)


@pytest.fixture
def task(project):
    return held_task(project)


@pytest.fixture
def own_valkey(tmp_path):
    """A Valkey that a test may stop and start again: (client, start, stop)."""
    server = EmbeddedRedis(tmp_path)
    processes = []

    def start():
        processes.append(valkey.start(server))

    def stop():
        processes[-1].kill()
        processes[-1].wait()

    start()
    with Redis.from_url(server.url, retry=Retry(NoBackoff(), 0)) as client:
        yield client, start, stop
    stop()


def lines_in_stream(client, task) -> list[int]:
    entries = log_stream.read(client, task.id)
    return [entry.first_line for entry in entries if isinstance(entry, log_stream.Batch)]


def test_small_batches_are_stored_from_64_kib_on(task):
    sink = sink_of(task, redis.client)
    for first in range(0, 64, 2):
        sink.take(batch(first, (b"x" * 1023 + b"\n") * 2))
        assert bool(chunks(task)) is (first >= 62)
    assert [chunk.raw_len for chunk in chunks(task)] == [CHUNK]


def test_a_flood_is_stored_a_mebibyte_at_a_time(task):
    sink, flood = sink_of(task, redis.client), (b"x" * 1023 + b"\n") * 256
    for number in range(3):
        sink.take(batch(number * 256, flood))
        assert chunks(task) == []
    sink.take(batch(768, flood))
    assert sum(chunk.raw_len for chunk in chunks(task)) == TOGETHER
    assert sink.due is None


def test_what_is_not_stored_becomes_due(task):
    sink = sink_of(task, redis.client)
    assert sink.due is None
    sink.take(batch(0, b"a\n"))
    assert sink.due is not None
    sink.flush()
    assert sink.due is None


def test_an_unfinished_chunk_is_replaced_as_it_grows(task):
    sink = sink_of(task, redis.client)
    for number in range(5):
        sink.take(batch(number, b"%d\n" % number))
        sink.flush()
        assert [chunk.n_lines for chunk in chunks(task)] == [number + 1]


def test_only_what_is_stored_is_trimmed(task):
    sink = sink_of(task, redis.client)
    for number in range(LIVE + 4):
        sink.take(batch(number, b"%d\n" % number))
    assert lines_in_stream(redis.client, task) == list(range(LIVE + 4))
    sink.flush()
    assert lines_in_stream(redis.client, task) == list(range(4, LIVE + 4))


def test_without_redis_everything_goes_to_the_database_sooner(task):
    sink = sink_of(task, nobody())
    sink.take(batch(0, b"a\n"))
    alone = sink.due
    other = sink_of(task, redis.client)
    other.take(batch(0, b"a\n"))
    assert alone is not None and other.due is not None and alone < other.due
    sink.flush()
    assert whole(task) == b"a\n"


def test_while_redis_is_away_nothing_is_lost_and_afterwards_no_hole_is_left(
    task, own_valkey, monkeypatch
):
    client, start, stop = own_valkey
    monkeypatch.setattr(task_output_sink, "AGE_WITHOUT_REDIS", 0.0)
    sink = sink_of(task, client)
    sink.take(batch(0, b"before\n"))
    stop()
    sink.take(batch(1, b"meanwhile\n"))
    sink.take(batch(2, b"still\n"))
    assert [chunk.n_lines for chunk in chunks(task)] == [3]
    start()
    sink.take(batch(3, b"after\n"))
    sink.take(batch(4, b"later\n"))
    assert set(lines_in_stream(client, task)) >= {3, 4}
    stored = chunks(task)[-1]
    assert stored.first_line + stored.n_lines == 4  # what the stream lacks is in the database


def test_what_a_stranger_has_put_into_the_stream_is_removed(task, monkeypatch):
    """A worker that was paused may write a little before it finds out that it was replaced."""
    monkeypatch.setattr(task_output_sink, "AGE_WITHOUT_REDIS", 0.0)
    sink = sink_of(task, redis.client)
    sink.take(batch(0, b"a\n"))
    log_stream.Writer(redis.client, task.id).batch(batch(50, b"of a stranger\n"))
    sink.take(batch(1, b"b\n"))
    sink.take(batch(2, b"c\n"))
    assert lines_in_stream(redis.client, task) == [2]
    assert task_output.lines(task, 0, 10).lines == ["a", "b", "c"]


def test_a_stream_that_nobody_ends_goes_away_in_the_end(task):
    sink = sink_of(task, redis.client)
    sink.take(batch(0, b"a\n"))
    sink.flush()
    assert 60 < redis.client.ttl(log_stream.key(task.id)) <= 86_400
    sink.finish()
    assert 0 < redis.client.ttl(log_stream.key(task.id)) <= 60
