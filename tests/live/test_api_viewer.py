"""What a client of the API's socket is sent: every line, in order, then the final status."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.live import api_viewer
from app.live.api_viewer import ApiViewer
from app.live.messages import Event, log_frames
from app.services.live_events import Stored
from tests.live.parts import Frame, LooseSocket, until
from tests.live.streams import MS, PROJECT, RUN, Store, Stream


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def started() -> list[int]:
    """The runs of which the viewer has said that they begin."""
    return []


@pytest.fixture
def viewer(loose: LooseSocket, store: Store, started: list[int]) -> Iterator[ApiViewer]:
    made = ApiViewer(loose, started.append, store.read)
    made.hear(PROJECT, "0-0")
    yield made
    made.outbox.stop()


@pytest.fixture
def stream(viewer: ApiViewer, store: Store) -> Stream:
    return Stream(viewer, store)


def is_status(word: str) -> Callable[[Frame], bool]:
    return lambda frame: frame.get("status") == word


def shown(frames: list[Frame]) -> list[str]:
    """A line's text, or a status in brackets."""
    return [frame.get("output") or f"<{frame['status']}>" for frame in frames]


def test_a_line_is_a_message_of_the_original(stream: Stream, loose: LooseSocket) -> None:
    stream.status("starting")
    stream.lines(0, 1)
    assert loose.next() == {"type": "update", "task_id": RUN, "status": "starting"}
    assert loose.next() == {
        "type": "log",
        "output": "line 0",
        "time": "2024-11-23T09:40:08.123Z",
        "task_id": RUN,
        "project_id": PROJECT,
    }


def test_a_run_that_starts_is_followed_from_its_first_line(
    viewer: ApiViewer, stream: Stream, loose: LooseSocket, started: list[int]
) -> None:
    for word in ("waiting", "starting", "running"):
        stream.status(word)
    assert started == [RUN]
    assert viewer.runs == [RUN]
    stream.lines(0, 2)
    stream.lines(2, 1)
    frames = loose.until(lambda frame: frame.get("output") == "line 2")
    expected = ["<waiting>", "<starting>", "<running>", "line 0", "line 1", "line 2"]
    assert shown(frames) == expected


def test_the_final_status_comes_once_and_after_the_last_line(
    viewer: ApiViewer, stream: Stream, loose: LooseSocket
) -> None:
    stream.status("starting")
    stream.lines(0, 2)
    stream.status("success")
    stream.lines(2, 1)
    stream.end(3)
    stream.end(3)
    frames = loose.until(is_status("success"))
    assert shown(frames) == ["<starting>", "line 0", "line 1", "line 2", "<success>"]
    assert viewer.runs == []


def test_a_run_that_is_started_again_goes_on(
    stream: Stream, loose: LooseSocket, started: list[int]
) -> None:
    """Its first worker has died; the lines go on where they ended."""
    stream.status("starting")
    stream.lines(0, 2)
    stream.status("waiting")
    stream.status("starting")
    stream.lines(0, 2)
    stream.lines(2, 1)
    stream.status("success")
    stream.end(3)
    assert started == [RUN, RUN]
    expected = ["<starting>", "line 0", "line 1", "<waiting>", "<starting>", "line 2", "<success>"]
    assert shown(loose.until(is_status("success"))) == expected


def test_a_run_that_never_started_ends_at_once(stream: Stream, loose: LooseSocket) -> None:
    stream.status("waiting")
    stream.status("stopped")
    assert shown([loose.next(), loose.next()]) == ["<waiting>", "<stopped>"]


def test_lines_that_come_again_are_sent_once(
    viewer: ApiViewer, stream: Stream, loose: LooseSocket
) -> None:
    viewer.follow(RUN, PROJECT, 0)
    stream.lines(0, 3)
    stream.lines(0, 3)
    stream.lines(2, 3)
    frames = loose.until(lambda frame: frame["output"] == "line 4")
    assert shown(frames) == [f"line {number}" for number in range(5)]


def test_a_gap_of_the_stream_is_read_from_the_store(
    viewer: ApiViewer, stream: Stream, loose: LooseSocket
) -> None:
    viewer.follow(RUN, PROJECT, 0)
    stream.lines(0, 2)
    stream.lines(900, 2)
    stream.status("success")
    stream.end(902)
    frames = loose.until(is_status("success"))
    assert shown(frames)[:-1] == [f"line {number}" for number in range(902)]


def test_a_slow_client_gets_every_line_and_nothing_piles_up(
    viewer: ApiViewer, stream: Stream, loose: LooseSocket, store: Store
) -> None:
    store.text = "x" * 1000
    stream.status("starting")
    for first in range(0, 20_000, 100):
        stream.lines(first, 100)
    stream.status("stopping")
    stream.status("stopped")
    stream.end(20_000)
    assert viewer.outbox.waiting < 1_500_000
    frames = loose.until(is_status("stopped"))
    text = [f"{store.text} {number}" for number in range(20_000)]
    assert shown(frames) == ["<starting>", *text, "<stopping>", "<stopped>"]
    assert viewer.runs == []


def test_a_store_that_does_not_answer_is_asked_again(
    viewer: ApiViewer,
    stream: Stream,
    loose: LooseSocket,
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(api_viewer, "RETRY", 0.01)
    store.fails = 3
    viewer.follow(RUN, PROJECT, 0)
    stream.lines(5, 1)
    frames = loose.until(lambda frame: frame["output"] == "line 5")
    assert shown(frames) == [f"line {number}" for number in range(6)]
    assert store.asked[:4] == [0, 0, 0, 0]


def test_a_log_that_was_deleted_meanwhile_does_not_hold_the_end_back(
    viewer: ApiViewer, stream: Stream, loose: LooseSocket
) -> None:
    viewer.follow(RUN, PROJECT, 0)
    stream.lines(5, 1, stored=False)
    stream.status("error")
    stream.end(6)
    assert shown([loose.next()]) == ["<error>"]


def test_a_run_whose_end_was_lost_ends_by_what_is_stored(
    viewer: ApiViewer, stream: Stream, loose: LooseSocket, store: Store
) -> None:
    viewer.follow(RUN, PROJECT, 0)
    stream.lines(0, 1)
    store.count = 4
    update = {"type": "update", "task_id": RUN, "status": "error"}
    viewer.stored(RUN, Stored(PROJECT, 4, over=True, update=update))
    frames = loose.until(is_status("error"))
    assert shown(frames) == ["line 0", "line 1", "line 2", "line 3", "<error>"]


def test_a_run_that_has_ended_is_not_taken_for_a_new_one(
    viewer: ApiViewer, stream: Stream, loose: LooseSocket
) -> None:
    stream.status("starting")
    stream.status("success")
    stream.end(0)
    loose.until(is_status("success"))
    assert not viewer.follow(RUN, PROJECT, 0)
    assert viewer.follow(RUN + 1, PROJECT, 0)


def test_a_project_that_was_left_takes_its_runs_along(
    viewer: ApiViewer, stream: Stream, loose: LooseSocket, started: list[int]
) -> None:
    stream.status("starting")
    viewer.ignore(PROJECT)
    stream.lines(0, 1)
    stream.status("success")
    viewer.outbox.put(log_frames(7, 7, MS, [b"other"])[0])
    assert shown([loose.next(), loose.next()]) == ["<starting>", "other"]


def test_events_without_a_message_of_the_original_are_left_out(
    viewer: ApiViewer, stream: Stream, loose: LooseSocket
) -> None:
    viewer.event(Event(PROJECT, "1-0", b'{"t": "project"}'))
    viewer.event(Event(PROJECT, "1-1", b'{"t": "run", "id": 1, "st": "success", "update": {}}'))
    assert loose.next() == {}


def test_two_slow_runs_are_both_read_to_their_ends(loose: LooseSocket, started: list[int]) -> None:
    counts = {1: 3000, 2: 2000}

    def read(run: int, project_id: int, line: int) -> list[bytes]:
        numbers = range(line, min(line + 500, counts[run]))
        return log_frames(run, project_id, MS, [b"%d" % number for number in numbers])

    viewer = ApiViewer(loose, started.append, read)
    for run in counts:
        viewer.follow(run, PROJECT, 0)
    for run, count in counts.items():
        update: dict[str, Any] = {"task_id": run, "status": "success"}
        viewer.stored(run, Stored(PROJECT, count, over=True, update=update))
    seen: dict[int, list[str]] = {1: [], 2: []}
    while not all("success" in lines for lines in seen.values()):
        frame = loose.next()
        seen[frame["task_id"]].append(frame.get("output") or frame["status"])
    for run, count in counts.items():
        assert seen[run] == [*map(str, range(count)), "success"]
    viewer.outbox.stop()


def test_a_run_that_prints_without_end_holds_no_other_back(
    loose: LooseSocket, started: list[int]
) -> None:
    endless, short = 1, 2

    def read(run: int, project_id: int, line: int) -> list[bytes]:
        return log_frames(run, project_id, MS, [b"more"] * (100 if run == endless else 5))

    viewer = ApiViewer(loose, started.append, read)
    for run, count in ((endless, 10**9), (short, 5)):
        viewer.follow(run, PROJECT, 0)
        update: dict[str, Any] = {"task_id": run, "status": "success"}
        viewer.stored(run, Stored(PROJECT, count, over=run == short, update=update))
    loose.until(lambda frame: frame["task_id"] == short and frame.get("status") == "success")
    viewer.outbox.stop()


def test_while_lines_wait_for_their_turn_a_status_does_not(
    viewer: ApiViewer,
    stream: Stream,
    loose: LooseSocket,
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(api_viewer, "PACE", 1)
    viewer.follow(RUN + 1, PROJECT, 0)
    store.count = 10_000
    viewer.stored(RUN + 1, Stored(PROJECT, 10_000, over=False, update={}))
    until(lambda: store.asked == [0] and not viewer.outbox.waiting)
    stream.status("starting")
    stream.lines(0, 1)
    frames = loose.until(lambda frame: frame["task_id"] == RUN and "output" in frame)
    assert shown([frame for frame in frames if frame["task_id"] == RUN]) == ["<starting>", "line 0"]
    assert store.asked == [0]


def test_reader_and_sender_at_once_keep_every_line_in_order(
    viewer: ApiViewer, stream: Stream, loose: LooseSocket, store: Store
) -> None:
    store.text = "y" * 300

    def read_streams() -> None:
        stream.status("starting")
        for first in range(0, 30_000, 100):
            stream.lines(first, 100)
        stream.status("success")
        stream.end(30_000)

    thread = threading.Thread(target=read_streams)
    thread.start()
    frames = loose.until(is_status("success"))
    thread.join()
    lines = [frame["output"] for frame in frames if "output" in frame]
    assert lines == [f"{store.text} {number}" for number in range(30_000)]
    until(lambda: not viewer.runs)
