"""The socket of a page, through a real server process: who may open it, and what it brings."""

from collections.abc import Callable

import pytest

from app.db import db, transaction
from app.extensions import redis
from app.lib.line_writer import Batch
from app.lib.log_stream import Writer
from app.models import Project, Task, TaskStatus
from app.services import live_events
from tests import factories
from tests.live.page_events import changed, is_a, write
from tests.live.parts import Client

Page = Callable[..., Client]


@pytest.fixture
def task(project: Project) -> Task:
    """A run of Alice's project."""
    return factories.task(factories.template(project), status=TaskStatus.RUNNING)


def test_a_member_sees_a_run_change_and_its_lines_come(page: Page, task: Task) -> None:
    dave = page("dave", last="")
    dave.send("log", run=task.id, **{"from": 0})
    write(task, 0, 3)
    assert dave.next() == {
        "t": "l",
        "r": task.id,
        "o": 0,
        "ms": 1_732_354_808_123,
        "l": ["line 0", "line 1", "line 2"],
    }
    Writer(redis.client, task.id).end(3)
    assert dave.next() == {"t": "end", "r": task.id, "total": 3}
    event_id = changed(task)
    assert dave.next() == {
        "i": event_id,
        "t": "run",
        "id": task.id,
        "tpl": task.template_id,
        "st": "running",
    }


def test_a_large_frame_arrives_whole(page: Page, task: Task) -> None:
    dave = page("dave")
    dave.send("log", run=task.id, **{"from": 0})
    texts = [f"{number:06} " + "x" * 15_000 for number in range(200)]
    data = "".join(f"{text}\n" for text in texts).encode()
    Writer(redis.client, task.id).batch(Batch(0, 200, 1, data))
    assert dave.next()["l"] == texts


def test_whoever_comes_back_gets_what_he_has_missed(page: Page, task: Task) -> None:
    seen = changed(task)
    missed = [changed(task) for _ in range(3)]
    dave = page("dave", last=seen)
    assert [dave.next()["i"] for _ in missed] == missed
    later = changed(task)
    assert dave.next()["i"] == later


def test_a_page_that_knows_of_no_event_gets_all_there_are(page: Page, task: Task) -> None:
    first = changed(task)
    assert page("dave", last="0-0").next()["i"] == first


def test_whoever_was_away_too_long_must_look_at_everything(page: Page, task: Task) -> None:
    seen = changed(task)
    with transaction():
        for _ in range(1200):
            live_events.run_changed(task)
    dave = page("dave", last=seen)
    assert dave.next() == {"t": "resync"}
    later = changed(task)
    assert dave.next()["i"] == later


def test_an_event_that_redis_has_lost_means_the_same(page: Page, task: Task) -> None:
    seen = changed(task)
    redis.client.flushall()
    assert page("dave", last=seen).next() == {"t": "resync"}


def test_a_page_that_joins_late_gets_what_the_stream_has_from_its_line_on(
    page: Page, task: Task
) -> None:
    for first in range(0, 100, 10):
        write(task, first, 10)
    dave = page("dave")
    dave.send("log", run=task.id, **{"from": 85})
    assert [dave.next()["o"] for _ in range(2)] == [80, 90]


def test_what_is_stored_and_trimmed_is_told_by_its_number(page: Page, task: Task) -> None:
    write(task, 0, 500)
    Writer(redis.client, task.id).trim(500)
    task.line_count = 500
    db.session.commit()
    dave = page("dave")
    dave.send("log", run=task.id, rev=17, **{"from": 100})
    assert dave.next() == {"t": "n", "r": task.id, "total": 500, "rev": 17}
    write(task, 500, 1)
    assert dave.next()["o"] == 500


def test_a_run_that_has_ended_long_ago_ends_at_once(page: Page, task: Task) -> None:
    task.status, task.line_count = TaskStatus.SUCCESS, 12
    db.session.commit()
    dave = page("dave")
    dave.send("log", run=task.id, **{"from": 12})
    assert dave.next() == {"t": "end", "r": task.id, "total": 12}


def test_no_lines_come_after_stop_or_pause_and_they_come_again_on_demand(
    page: Page, task: Task
) -> None:
    dave = page("dave")
    dave.send("log", run=task.id, **{"from": 0})
    write(task, 0, 1)
    assert dave.next()["o"] == 0
    for first, op in enumerate(("stop", "pause"), start=1):
        dave.send(op, run=task.id)
        dave.send("hello", last="0-0")
        changed(task)
        dave.until(is_a("run"))
        write(task, first, 1)
        dave.send("log", run=task.id, **{"from": first})
        assert dave.until(is_a("l"))[-1]["o"] == first


def test_two_who_watch_get_the_same(page: Page, task: Task) -> None:
    pages = [page(name) for name in ("alice", "dave")]
    for each in pages:
        each.send("log", run=task.id, **{"from": 0})
    for first in range(0, 300, 10):
        write(task, first, 10)
    for each in pages:
        frames = each.until(lambda frame: frame["o"] == 290)
        texts = [text for frame in frames for text in frame["l"]]
        assert texts == [f"line {number}" for number in range(300)]


def test_a_slow_page_is_told_how_far_it_is_behind_and_stays(page: Page, task: Task) -> None:
    slow, quick = page("dave", slow=True), page("alice")
    for each in (slow, quick):
        each.send("log", run=task.id, **{"from": 0})
    for first in range(0, 200_000, 2000):
        write(task, first, 2000)
    quick_frames = quick.until(lambda frame: frame.get("o") == 198_000)
    assert sum(len(frame["l"]) for frame in quick_frames) == 200_000
    slow_frames = slow.until(is_a("n"))
    assert slow_frames[-1]["total"] == 200_000
    assert len(slow_frames) < 100
    write(task, 200_000, 1)
    assert slow.next()["o"] == 200_000
