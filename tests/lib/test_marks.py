from itertools import pairwise

import pytest

from app.lib.marks import Marks

NONCE = "0123456789abcdef"
STREAM = b"one\n\x1b]7717;0123456789abcdef;1\x07two\x1b[0m\x1b]7717;0123456789abcdef;23\x07three\n"


def pieces(*data: bytes) -> list[bytes | int]:
    """Texts, joined where no mark lies between them, and marks."""
    marks, found = Marks(NONCE), []
    for piece in data:
        found += marks.feed(piece)
    found.append(marks.flush())
    joined: list[bytes | int] = []
    for one in found:
        if isinstance(one, bytes) and joined and isinstance(joined[-1], bytes):
            joined[-1] += one
        elif one != b"":
            joined.append(one)
    return joined


def test_marks_are_taken_out_of_the_text() -> None:
    assert pieces(STREAM) == [b"one\n", 1, b"two\x1b[0m", 23, b"three\n"]


@pytest.mark.parametrize("size", range(1, len(STREAM)))
def test_wherever_the_stream_is_cut(size: int) -> None:
    cuts = [*range(0, len(STREAM), size), len(STREAM)]
    assert pieces(*(STREAM[a:b] for a, b in pairwise(cuts))) == pieces(STREAM)


@pytest.mark.parametrize(
    "text",
    [
        b"\x1b]7717;another nonce;1\x07",
        b"\x1b]7717;0123456789abcdef;\x07",
        b"\x1b]7717;0123456789abcdef;x\x07",
        b"\x1b]7717;0123456789abcdef;12345678901234567890\x07",
        b"\x1b]7717;0123456789abcdef;1",
        b"\x1b]0;a title\x07",
        b"\x1b",
    ],
)
def test_what_is_no_mark_is_text(text: bytes) -> None:
    assert pieces(b"a" + text, b"b") == [b"a" + text + b"b"]


def test_a_mark_begins_inside_of_what_is_none() -> None:
    text = b"\x1b]7717;0123456789abcdef;\x1b]7717;0123456789abcdef;7\x07"
    assert pieces(text) == [b"\x1b]7717;0123456789abcdef;", 7]
