import pytest
from redis import Redis

from app.lib import log_stream
from app.lib.line_writer import Batch
from app.lib.log_stream import End, Section, Writer, cursor, follow, key, parse, read, window


@pytest.fixture
def redis(redis_url):
    with Redis.from_url(redis_url) as client:
        yield client


def batch(first: int, count: int, ms: int = 1000) -> Batch:
    return Batch(
        first, count, ms, b"".join(b"line %d\xff\n" % i for i in range(first, first + count))
    )


def test_what_is_appended_is_read_in_order(redis):
    writer = Writer(redis, 7)
    writer.section('{"id":1}', 0)
    writer.batch(batch(0, 2))
    writer.section('{"id":2}', 2)
    writer.section('{"id":2,"to":3}', 2)
    writer.batch(batch(2, 1))
    assert read(redis, 7) == [
        Section(b'{"id":1}'),
        batch(0, 2),
        Section(b'{"id":2}'),
        Section(b'{"id":2,"to":3}'),
        batch(2, 1),
    ]
    assert read(redis, 8) == []


def test_reading_begins_with_the_entry_that_holds_the_line(redis):
    writer = Writer(redis, 7)
    for first in (0, 10, 20):
        writer.batch(batch(first, 10))
    assert [entry.first_line for entry in read(redis, 7, 10)] == [10, 20]
    assert [entry.first_line for entry in read(redis, 7, 19)] == [10, 20]
    assert read(redis, 7, 30) == []


def test_trimming_forgets_what_lies_before_a_line_and_nothing_else(redis):
    writer = Writer(redis, 7)
    for first in (0, 10, 20):
        writer.batch(batch(first, 10))
    writer.trim(19)
    assert [entry.first_line for entry in read(redis, 7)] == [10, 20]
    writer.trim(20)
    assert [entry.first_line for entry in read(redis, 7)] == [20]


def test_a_window_holds_the_lines_asked_for_and_the_total(redis):
    writer = Writer(redis, 7)
    assert window(redis, 7, 0, 100) == log_stream.Window([], 0)
    for first in (0, 10, 20, 30):
        writer.batch(batch(first, 10))
    writer.section("{}", 40)
    firsts = {
        (0, 5): [0],
        (0, 10): [0],
        (9, 11): [0, 10],
        (10, 20): [10],
        (15, 35): [10, 20, 30],
        (40, 50): [],
        (35, 900): [30],
    }
    for (start, stop), expected in firsts.items():
        seen = window(redis, 7, start, stop)
        assert ([b.first_line for b in seen.batches], seen.total) == (expected, 40)


def test_the_end_is_announced_and_the_stream_goes_away_in_a_minute(redis):
    writer = Writer(redis, 7)
    writer.batch(batch(0, 3))
    assert redis.ttl(key(7)) == -1
    writer.end(3)
    assert read(redis, 7)[-1] == End(3)
    assert 0 < redis.ttl(key(7)) <= 60


def test_a_new_attempt_begins_with_an_empty_stream(redis):
    first = Writer(redis, 7)
    first.batch(batch(0, 50))
    first.end(50)
    again = Writer(redis, 7)
    again.clear()
    again.batch(batch(10, 1))
    assert [entry.first_line for entry in read(redis, 7)] == [10]
    assert redis.ttl(key(7)) == -1


def test_many_streams_are_followed_in_one_read_each_from_its_own_line(redis):
    one, two = Writer(redis, 1), Writer(redis, 2)
    for first in (0, 10):
        one.batch(batch(first, 10))
    two.batch(batch(0, 1))
    two.end(1)
    seen = {key(1): cursor(10), key(2): cursor(0), key(3): cursor(0)}
    got = list(follow(redis, seen, 1000))
    assert [(name, parse(fields)) for name, _, fields in got] == [
        (key(1), batch(10, 10)),
        (key(2), batch(0, 1)),
        (key(2), End(1)),
    ]
    for name, entry_id, _ in got:
        seen[name] = entry_id
    one.batch(batch(20, 5))
    assert [parse(fields) for _, _, fields in follow(redis, seen, 1000)] == [batch(20, 5)]
    assert list(follow(redis, seen | {key(1): cursor(25)}, 1)) == []
