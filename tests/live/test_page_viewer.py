"""What an open page is sent: each line once; a slow page gets counters and never less."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.lib.line_writer import Batch
from app.live import page_viewer
from app.live.messages import End, Event, Lines, Section
from app.live.page_viewer import PageViewer
from app.services.live_events import Stored
from tests.live.parts import Frame, LooseSocket, until

RUN, PROJECT = 42, 1


@pytest.fixture
def viewer(loose: LooseSocket) -> Iterator[PageViewer]:
    made = PageViewer(loose)
    yield made
    made.outbox.stop()


def lines(first: int, count: int, text: str = "line") -> Lines:
    data = "".join(f"{text} {number}\n" for number in range(first, first + count))
    return Lines(RUN, Batch(first, count, 1_732_354_808_123, data.encode()))


def section(rev: int) -> Section:
    return Section(RUN, b'{"id": 1, "rev": %d}' % rev)


def event(number: int, **body: Any) -> Event:
    given = {"t": "run", "id": number, "update": {"type": "update"}} | body
    return Event(PROJECT, f"{number}-0", str(given).replace("'", '"').encode())


def stored(count: int, *, over: bool = False) -> Stored:
    return Stored(PROJECT, count, over, {})


def is_a(kind: str) -> Callable[[Frame], bool]:
    return lambda frame: frame["t"] == kind


def flood(viewer: PageViewer, first: int = 0) -> int:
    """Send lines that nobody takes until the viewer is behind; the number of the next line.

    The first frame is larger than what the kernel holds: from then on nothing is taken.
    """
    viewer.lines(lines(first, 1000, "x" * 1000))
    first += 1000
    while not viewer.outbox.is_full:
        viewer.lines(lines(first, 100, "x" * 1000))
        first += 100
    viewer.lines(lines(first, 100, "y" * 1000))
    return first + 100


def test_a_batch_is_a_frame_with_its_first_line_and_time(
    viewer: PageViewer, loose: LooseSocket
) -> None:
    viewer.follow(RUN, 0, 0)
    viewer.lines(lines(0, 2))
    expected = {"t": "l", "r": RUN, "o": 0, "ms": 1_732_354_808_123, "l": ["line 0", "line 1"]}
    assert loose.next() == expected


def test_a_large_batch_is_split_at_2000_lines(viewer: PageViewer, loose: LooseSocket) -> None:
    viewer.follow(RUN, 0, 0)
    viewer.lines(lines(100, 4500))
    frames = [loose.next() for _ in range(3)]
    assert [(frame["o"], len(frame["l"])) for frame in frames] == [
        (100, 2000),
        (2100, 2000),
        (4100, 500),
    ]
    assert frames[2]["l"][-1] == "line 4599"


def test_text_that_is_not_utf8_and_escapes_survive(viewer: PageViewer, loose: LooseSocket) -> None:
    viewer.follow(RUN, 0, 0)
    viewer.lines(Lines(RUN, Batch(0, 2, 1, b"\x1b[32mgreen\x1b[0m \xff\n\n")))
    assert loose.next()["l"] == ["\x1b[32mgreen\x1b[0m \ufffd", ""]


def test_what_was_sent_is_not_sent_again(viewer: PageViewer, loose: LooseSocket) -> None:
    viewer.follow(RUN, 0, 0)
    for batch in (lines(0, 2), lines(2, 2), lines(0, 2), lines(2, 2), lines(4, 1)):
        viewer.lines(batch)
    assert [loose.next()["o"] for _ in range(3)] == [0, 2, 4]


def test_it_begins_with_the_batch_that_holds_the_line_asked_for(
    viewer: PageViewer, loose: LooseSocket
) -> None:
    viewer.follow(RUN, 5, 0)
    for batch in (lines(0, 4), lines(4, 4), lines(8, 1)):
        viewer.lines(batch)
    assert [loose.next()["o"] for _ in range(2)] == [4, 8]


def test_a_gap_is_seen_by_the_number_of_the_next_line(
    viewer: PageViewer, loose: LooseSocket
) -> None:
    viewer.follow(RUN, 0, 0)
    viewer.lines(lines(0, 1))
    viewer.lines(lines(900, 1))
    assert [loose.next()["o"] for _ in range(2)] == [0, 900]


def test_only_runs_that_are_followed_are_sent(viewer: PageViewer, loose: LooseSocket) -> None:
    viewer.lines(lines(0, 1))
    viewer.follow(RUN, 0, 0)
    viewer.lines(lines(0, 2))
    viewer.unfollow(RUN)
    viewer.lines(lines(2, 1))
    viewer.end(End(RUN, 3))
    viewer.tell(t="x")
    assert [loose.next()["t"] for _ in range(2)] == ["l", "x"]


def test_too_many_runs_are_refused(viewer: PageViewer) -> None:
    assert all(viewer.follow(run, 0, 0) for run in range(page_viewer.MOST_RUNS))
    assert not viewer.follow(999, 0, 0)
    assert viewer.follow(0, 10, 0)


def test_sections_are_sent_by_revision(viewer: PageViewer, loose: LooseSocket) -> None:
    viewer.follow(RUN, 0, 17)
    for rev in (16, 17, 18, 18, 19):
        viewer.section(section(rev))
    assert [loose.next() for _ in range(2)] == [
        {"t": "s", "r": RUN, "rev": 18, "s": [{"id": 1}]},
        {"t": "s", "r": RUN, "rev": 19, "s": [{"id": 1}]},
    ]


def test_after_the_end_nothing_comes(viewer: PageViewer, loose: LooseSocket) -> None:
    viewer.follow(RUN, 0, 0)
    viewer.lines(lines(0, 2))
    viewer.end(End(RUN, 2))
    viewer.lines(lines(2, 2))
    viewer.end(End(RUN, 2))
    viewer.tell(t="x")
    assert [loose.next()["t"] for _ in range(3)] == ["l", "end", "x"]
    assert viewer.runs == []


def test_a_slow_page_gets_a_counter_once_it_has_taken_everything(
    viewer: PageViewer, loose: LooseSocket
) -> None:
    viewer.follow(RUN, 0, 0)
    total = flood(viewer)
    viewer.section(section(3))
    waiting = viewer.outbox.waiting
    for first in range(total, total + 50_000, 100):
        viewer.lines(lines(first, 100, "z" * 1000))
    assert viewer.outbox.waiting <= waiting
    frames = loose.until(is_a("n"))
    assert frames[-1] == {"t": "n", "r": RUN, "total": total + 50_000, "rev": 3}
    assert {frame["t"] for frame in frames[:-1]} == {"l"}
    assert frames[-2]["o"] + len(frames[-2]["l"]) < total


def test_a_page_that_was_slow_gets_lines_again(viewer: PageViewer, loose: LooseSocket) -> None:
    viewer.follow(RUN, 0, 0)
    total = flood(viewer)
    loose.until(is_a("n"))
    viewer.lines(lines(total, 2))
    assert loose.next()["o"] == total
    viewer.end(End(RUN, total + 2))
    assert loose.next() == {"t": "end", "r": RUN, "total": total + 2}


def test_a_slow_page_hears_of_the_end(viewer: PageViewer, loose: LooseSocket) -> None:
    viewer.follow(RUN, 0, 0)
    total = flood(viewer)
    viewer.end(End(RUN, total))
    frames = loose.until(is_a("end"))
    assert frames[-1]["total"] == total
    assert {frame["t"] for frame in frames[:-1]} == {"l"}
    assert viewer.runs == []


def test_what_is_stored_beyond_the_stream_is_counted_once(
    viewer: PageViewer, loose: LooseSocket
) -> None:
    viewer.follow(RUN, 10, 4)
    viewer.stored(RUN, stored(10))
    viewer.stored(RUN, stored(12))
    viewer.stored(RUN, stored(12))
    viewer.stored(RUN, stored(12, over=True))
    viewer.stored(RUN, stored(12, over=True))
    viewer.tell(t="x")
    assert [loose.next() for _ in range(3)] == [
        {"t": "n", "r": RUN, "total": 12, "rev": 4},
        {"t": "end", "r": RUN, "total": 12},
        {"t": "x"},
    ]


def test_an_event_is_sent_without_what_is_for_the_api(
    viewer: PageViewer, loose: LooseSocket
) -> None:
    viewer.hear(PROJECT, "5-0")
    for number in (4, 5, 6, 6, 7):
        viewer.event(event(number))
    assert [loose.next() for _ in range(2)] == [
        {"i": "6-0", "t": "run", "id": 6},
        {"i": "7-0", "t": "run", "id": 7},
    ]


def test_events_of_a_project_that_was_left_are_not_sent(
    viewer: PageViewer, loose: LooseSocket
) -> None:
    viewer.event(event(1))
    viewer.hear(PROJECT, "0-0")
    viewer.ignore(PROJECT)
    viewer.event(event(2))
    viewer.tell(t="x")
    assert loose.next() == {"t": "x"}


def test_a_slow_page_that_missed_events_must_look_at_everything(
    viewer: PageViewer, loose: LooseSocket
) -> None:
    viewer.hear(PROJECT, "0-0")
    viewer.follow(RUN, 0, 0)
    flood(viewer)
    for number in range(1, 50):
        viewer.event(event(number))
    frames = loose.until(is_a("n"))
    assert [frame["t"] for frame in frames[-2:]] == ["resync", "n"]
    viewer.event(event(50))
    assert loose.next()["i"] == "50-0"


def test_an_outage_of_redis_makes_a_page_look_at_everything(
    viewer: PageViewer, loose: LooseSocket
) -> None:
    viewer.outage()
    assert loose.next() == {"t": "resync"}


def test_reader_and_sender_at_once_leave_nothing_out(
    viewer: PageViewer, loose: LooseSocket
) -> None:
    """However slow the page is, lines and counters together cover everything."""
    viewer.follow(RUN, 0, 0)

    def read_streams() -> None:
        for first in range(0, 40_000, 100):
            viewer.lines(lines(first, 100, "x" * 200))
        viewer.end(End(RUN, 40_000))

    thread = threading.Thread(target=read_streams)
    thread.start()
    frames = loose.until(is_a("end"))
    thread.join()
    starts = [frame["o"] for frame in frames if frame["t"] == "l"]
    assert starts == sorted(set(starts))
    told, known = 0, 0
    for frame in frames:
        known = max(known, frame["o"] + len(frame["l"]) if "l" in frame else frame["total"])
        assert known >= told
        told = known
    assert known == 40_000
    until(lambda: viewer.outbox.waiting == 0)
