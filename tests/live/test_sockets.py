"""Frames arrive whole, in order, and as long as the client wants; nobody waits for a slow one."""

import socket
import threading
from collections.abc import Callable

import pytest

from app.live import sockets
from app.live.sockets import Outbox, WholeSocket, frame_json
from tests.live.parts import LooseSocket, until


def nothing() -> None:
    """Nothing follows when the outbox is empty."""


@pytest.mark.parametrize("size", [0, 1, 125 - 8, 126 - 8, 65535 - 8, 65536 - 8, 300_000])
def test_a_frame_holds_its_message_whatever_its_size(loose: LooseSocket, size: int) -> None:
    message = {"t": "x" * size}
    thread = threading.Thread(target=loose.sock.send, args=(frame_json(message),))
    thread.start()
    assert loose.next() == message
    thread.join()


def test_text_is_counted_in_bytes(loose: LooseSocket) -> None:
    loose.sock.send(frame_json({"l": ["žluťoučký kůň — 日本語 — 😀"]}))
    assert loose.next() == {"l": ["žluťoučký kůň — 日本語 — 😀"]}


def test_two_who_send_at_once_do_not_mix_their_frames() -> None:
    near, far = socket.socketpair()
    whole = WholeSocket(near)
    near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    texts = [bytes([number]) * 100_000 for number in range(4)]
    threads = [threading.Thread(target=whole.send, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    taken = bytearray()
    while len(taken) < 400_000:
        taken += far.recv(65536)
    for thread in threads:
        thread.join()
    near.close()
    far.close()
    parts = [bytes(taken[at : at + 100_000]) for at in range(0, 400_000, 100_000)]
    assert sorted(parts) == texts


def test_frames_leave_in_the_order_in_which_they_were_put(loose: LooseSocket) -> None:
    outbox = Outbox(loose, nothing)
    for number in range(100):
        outbox.put(frame_json({"n": number}))
    assert [loose.next()["n"] for _ in range(100)] == list(range(100))
    outbox.stop()


def test_what_a_client_does_not_take_is_counted(loose: LooseSocket) -> None:
    outbox = Outbox(loose, nothing)
    big = frame_json({"x": "x" * 100_000})
    for _ in range(9):
        outbox.put(big)
    assert 0 < outbox.waiting <= 9 * len(big)
    assert not outbox.is_full
    for _ in range(11):
        outbox.put(big)
    assert outbox.is_full
    for _ in range(20):
        loose.next()
    until(lambda: outbox.waiting == 0)
    outbox.stop()


def test_it_is_told_when_everything_is_taken(loose: LooseSocket) -> None:
    told = threading.Event()
    outbox = Outbox(loose, told.set)
    outbox.put(frame_json({}))
    assert told.wait(5)
    outbox.stop()


def test_whoever_is_told_says_when_to_be_told_again(loose: LooseSocket) -> None:
    times: list[float | None] = [0.01, 0.01]
    outbox = Outbox(loose, lambda: times.pop() if times else None)
    outbox.put(frame_json({}))
    until(lambda: not times)
    outbox.put(frame_json({"after": 1}))
    assert [loose.next(), loose.next()] == [{}, {"after": 1}]
    outbox.stop()


def test_an_empty_frame_asks_only_for_that(loose: LooseSocket) -> None:
    told = threading.Event()
    outbox = Outbox(loose, told.set)
    outbox.put(b"")
    assert told.wait(5)
    outbox.put(frame_json({"after": 1}))
    assert loose.next() == {"after": 1}
    outbox.stop()


def test_a_client_that_takes_frames_counts_as_alive_without_a_pong(loose: LooseSocket) -> None:
    outbox = Outbox(loose, nothing)
    outbox.put(frame_json({}))
    until(lambda: loose.pong_received)
    outbox.stop()


def test_a_client_that_has_gone_ends_the_sending(loose: LooseSocket) -> None:
    outbox = Outbox(loose, nothing)
    loose.far.close()
    outbox.put(frame_json({}))
    until(lambda: outbox.closed)
    outbox.put(frame_json({}))
    assert outbox.waiting > 0


def test_whoever_lets_too_much_pile_up_that_cannot_be_left_out_is_sent_away(
    loose: LooseSocket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "TOO_MUCH", 1_000_000)
    outbox = Outbox(loose, nothing)
    for _ in range(20):
        outbox.put(frame_json({"x": "x" * 100_000}))
    until(lambda: loose.closed_with)
    assert loose.closed_with == sockets.TRY_AGAIN_LATER
    assert outbox.waiting < 1_200_000


def test_a_client_that_takes_nothing_any_more_is_cut_off_when_it_is_to_go(
    loose: LooseSocket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "PATIENCE", 0.05)
    outbox = Outbox(loose, nothing)
    for _ in range(10):
        outbox.put(frame_json({"x": "x" * 100_000}))
    blocked = closing_frame(loose)
    monkeypatch.setattr(loose, "close", blocked)
    outbox.close(4401, "Sign in again")
    assert outbox.closed


def closing_frame(loose: LooseSocket) -> Callable[[int, str], None]:
    """Send a close frame behind what nobody takes."""

    def close(code: int, reason: str) -> None:
        loose.sock.send(b"\x88\x02" + code.to_bytes(2, "big"))

    return close
