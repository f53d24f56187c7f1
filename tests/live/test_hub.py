"""One reader passes every watched stream on, to everybody who watches it, without loss."""

import json
import threading
from collections.abc import Iterator
from functools import partial

import pytest
from flask import Flask
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.db import transaction
from app.lib.line_writer import Batch
from app.lib.log_stream import Writer, cursor, key
from app.live.hub import Hub
from app.live.messages import End, Event, Section
from app.models import Project, TaskStatus
from app.services import live_events
from app.services.live_events import Stored
from tests import factories
from tests.live.parts import Recorder, Valkey, until

RUN = 42


def client(url: str) -> Redis:
    return Redis.from_url(url, retry=Retry(NoBackoff(), 0))


def nothing_stored(run_ids: object) -> dict[int, Stored]:
    return {}


@pytest.fixture
def commands(redis_url: str) -> Iterator[Redis]:
    made = client(redis_url)
    yield made
    made.close()


@pytest.fixture
def hub(redis_url: str, commands: Redis) -> Hub:
    return Hub(commands, partial(client, redis_url), nothing_stored)


@pytest.fixture
def writer(commands: Redis) -> Writer:
    return Writer(commands, RUN)


def write(writer: Writer, first: int, count: int) -> None:
    text = b"".join(b"line %d\n" % number for number in range(first, first + count))
    writer.batch(Batch(first, count, 1_732_354_808_123, text))


def watch(hub: Hub, viewer: Recorder, line: int = 0, run: int = RUN) -> Recorder:
    hub.watch(viewer, key(run), cursor(line))
    return viewer


def part(hub: Hub, *viewers: Recorder) -> None:
    for viewer in viewers:
        hub.leave(viewer)
    until(lambda: hub.is_idle)


def test_lines_come_in_order_and_once(hub: Hub, writer: Writer) -> None:
    viewer = watch(hub, Recorder())
    for first in range(0, 300, 3):
        write(writer, first, 3)
    until(lambda: len(viewer.numbers) >= 300)
    assert viewer.numbers == list(range(300))
    part(hub, viewer)


def test_a_section_and_the_end_come_among_the_lines(hub: Hub, writer: Writer) -> None:
    viewer = watch(hub, Recorder())
    writer.section('{"id": 1, "rev": 7}', 0)
    write(writer, 0, 2)
    writer.end(2)
    until(lambda: len(viewer.messages) == 3)
    section, _, end = viewer.messages
    assert isinstance(section, Section)
    assert (section.run, section.rev) == (RUN, 7)
    assert isinstance(end, End)
    assert (end.run, end.total) == (RUN, 2)
    until(lambda: hub.is_idle)


def test_two_viewers_of_one_run_get_the_same_message(hub: Hub, writer: Writer) -> None:
    viewers = watch(hub, Recorder()), watch(hub, Recorder())
    write(writer, 0, 5)
    until(lambda: viewers[1].messages)
    assert viewers[0].messages[-1] is viewers[1].messages[-1]
    part(hub, *viewers)


def test_a_stream_that_is_watched_later_joins_at_once(hub: Hub, commands: Redis) -> None:
    first = watch(hub, Recorder(), run=1)
    until(lambda: not hub.is_idle)
    second = watch(hub, Recorder(), run=2)
    write(Writer(commands, 2), 0, 1)
    until(lambda: second.numbers)
    assert first.numbers == []
    part(hub, first, second)


def test_a_late_joiner_gets_what_is_there_and_what_comes(hub: Hub, writer: Writer) -> None:
    early = watch(hub, Recorder())
    write(writer, 0, 10)
    until(lambda: len(early.numbers) == 10)
    late = watch(hub, Recorder())
    until(lambda: len(late.numbers) == 10)
    write(writer, 10, 5)
    until(lambda: len(late.numbers) == 15)
    assert late.numbers == list(range(15))
    part(hub, early, late)


def test_who_joins_at_a_line_is_not_sent_the_batches_before(hub: Hub, writer: Writer) -> None:
    for first in range(0, 100, 10):
        write(writer, first, 10)
    viewer = watch(hub, Recorder(), line=55)
    until(lambda: len(viewer.numbers) == 50)
    assert viewer.numbers == list(range(50, 100))
    part(hub, viewer)


def test_what_was_trimmed_before_it_was_read_is_a_gap_in_the_numbers(
    hub: Hub, writer: Writer
) -> None:
    write(writer, 0, 10)
    write(writer, 10, 10)
    writer.trim(10)
    viewer = watch(hub, Recorder())
    until(lambda: viewer.numbers)
    assert viewer.numbers == list(range(10, 20))
    part(hub, viewer)


def test_who_has_left_gets_nothing_more(hub: Hub, writer: Writer) -> None:
    stays, goes = watch(hub, Recorder()), watch(hub, Recorder())
    write(writer, 0, 1)
    until(lambda: stays.numbers and goes.numbers)
    hub.leave(goes, key(RUN))
    write(writer, 1, 1)
    until(lambda: 1 in stays.numbers)
    write(writer, 2, 1)
    until(lambda: 2 in stays.numbers)
    assert 2 not in goes.numbers
    part(hub, stays)


def test_nothing_runs_when_nobody_watches(hub: Hub, writer: Writer) -> None:
    assert hub.is_idle
    viewer = watch(hub, Recorder())
    write(writer, 0, 1)
    until(lambda: viewer.numbers)
    assert not hub.is_idle
    part(hub, viewer)
    until(lambda: "live" not in [thread.name for thread in threading.enumerate()])
    again = watch(hub, Recorder())
    until(lambda: again.numbers)
    part(hub, again)


def test_events_come_with_their_ids(app: Flask, hub: Hub, project: Project) -> None:
    viewer = Recorder()
    hub.watch(viewer, live_events.key(project.id), "0-0")
    with transaction():
        live_events.publish(project.id, {"t": "run", "id": 7})
    until(lambda: viewer.messages)
    event = viewer.messages[0]
    assert isinstance(event, Event)
    assert (event.project_id, event.body) == (project.id, {"t": "run", "id": 7})
    part(hub, viewer)


def test_a_runs_last_lines_come_before_the_news_of_its_end(
    app: Flask, hub: Hub, project: Project
) -> None:
    task = factories.task(factories.template(project), status=TaskStatus.SUCCESS)
    writer = Writer(hub._commands, task.id)
    for first in range(0, 200, 10):
        write(writer, first, 10)
    with transaction():
        live_events.run_changed(task)
    viewer = Recorder()
    watch(hub, viewer, run=task.id)
    hub.watch(viewer, live_events.key(project.id), "0-0")
    until(lambda: any(isinstance(m, Event) for m in viewer.messages))
    assert len(viewer.numbers) == 200
    part(hub, viewer)


def test_an_entry_that_nobody_can_read_is_left_out(
    hub: Hub, writer: Writer, commands: Redis
) -> None:
    commands.xadd(key(RUN), {"f": "x", "n": 1, "t": 1, "d": b"?\n"}, id="1-1")
    commands.xadd(key(RUN), {"s": b"not JSON"}, id="1-2")
    commands.xadd(key(RUN), {"unknown": 1}, id="1-3")
    write(writer, 1, 1)
    viewer = watch(hub, Recorder())
    until(lambda: viewer.numbers)
    assert viewer.numbers == [1]
    part(hub, viewer)


def test_a_restart_of_redis_loses_nothing(own_valkey: Valkey) -> None:
    commands = client(own_valkey.url)
    stored = Stored(project_id=1, lines=12, over=False, update={})
    hub = Hub(commands, partial(client, own_valkey.url), lambda runs: dict.fromkeys(runs, stored))
    viewer, writer = watch(hub, Recorder()), Writer(commands, RUN)
    write(writer, 0, 10)
    until(lambda: len(viewer.numbers) == 10)
    commands.execute_command("WAITAOF", 1, 0, 0)
    own_valkey.kill()
    late = watch(hub, Recorder())
    own_valkey.start()
    until(lambda: viewer.outages)
    write(writer, 12, 3)  # two lines went into the database only
    until(lambda: len(late.numbers) == 13)
    assert late.numbers == [*range(10), 12, 13, 14]
    assert viewer.known[0] == (RUN, stored)
    before = len(viewer.numbers)
    write(writer, 15, 1)
    until(lambda: len(viewer.numbers) > before)
    assert sorted(set(viewer.numbers)) == [*range(10), 12, 13, 14, 15]
    assert viewer.outages == 1
    part(hub, viewer, late)
    commands.close()


def test_a_run_that_ended_while_redis_was_away_is_not_waited_for(own_valkey: Valkey) -> None:
    commands = client(own_valkey.url)
    stored = Stored(project_id=1, lines=3, over=True, update={})
    hub = Hub(commands, partial(client, own_valkey.url), lambda runs: dict.fromkeys(runs, stored))
    viewer = watch(hub, Recorder())
    write(Writer(commands, RUN), 0, 3)
    until(lambda: viewer.numbers)
    own_valkey.kill()
    own_valkey.start()
    until(lambda: viewer.known)
    until(lambda: hub.is_idle)
    assert viewer.known == [(RUN, stored)]
    assert viewer.outages == 1
    commands.close()


def test_messages_are_made_once_for_everybody(hub: Hub, writer: Writer) -> None:
    viewer = watch(hub, Recorder())
    write(writer, 0, 2)
    until(lambda: viewer.messages)
    lines = viewer.messages[0]
    assert lines.page is lines.page
    assert lines.api(1) is lines.api(1)
    assert json.loads(lines.page[0][1][2:])["l"] == ["line 0", "line 1"]
    part(hub, viewer)
