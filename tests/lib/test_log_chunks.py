import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.lib.line_writer import Batch
from app.lib.log_chunks import CHUNK, TOGETHER, Chunk, Packer, lines_of, marks_of


def batches_of(lines: list[bytes], sizes: list[int]) -> list[Batch]:
    """Batches of so many lines each, a second apart."""
    batches, at = [], 0
    for number, size in enumerate(sizes):
        piece = lines[at : at + size]
        if piece:
            text = b"".join(line + b"\n" for line in piece)
            batches.append(Batch(at, len(piece), 1000 * number, text))
        at += size
    return batches


def pack_all(packer: Packer) -> list[Chunk]:
    chunks = []
    while new := packer.pack(everything=True):
        chunks += new
        packer.stored(new)
        if new[-1].raw_len < CHUNK:
            break
    return chunks


def test_a_chunk_is_what_was_packed():
    packer = Packer(7)
    packer.add(Batch(7, 2, 1500, b"\xff\x00\n\x1b[0m\r\n"))
    packer.add(Batch(9, 1, 1600, b"third\n"))
    (chunk,) = packer.pack(everything=True)
    assert (chunk.first_line, chunk.n_lines, chunk.end, chunk.raw_len) == (7, 3, 10, 15)
    assert (chunk.first_ms, chunk.last_ms) == (1500, 1600)
    assert chunk.text() == b"\xff\x00\n\x1b[0m\r\nthird\n"
    assert chunk.times() == [(7, 1500), (9, 1600)]


def test_chunks_end_with_the_line_that_reaches_64_kib():
    packer = Packer()
    packer.add(Batch(0, 3000, 1, (b"x" * 99 + b"\n") * 3000))
    chunks = packer.pack()
    assert [chunk.raw_len for chunk in chunks] == [65600] * 4
    assert [chunk.first_line for chunk in chunks] == [0, 656, 1312, 1968]
    assert all(CHUNK <= chunk.raw_len < CHUNK + 100 for chunk in chunks)


def test_a_transaction_takes_one_mebibyte():
    packer = Packer()
    packer.add(Batch(0, 3, 1, (b"x" * TOGETHER + b"\n") * 3))
    chunks = packer.pack()
    assert [chunk.raw_len for chunk in chunks] == [TOGETHER + 1]
    assert packer.stored(chunks) == TOGETHER + 1
    assert packer.pack()[0].first_line == 1
    packer = Packer()
    packer.add(Batch(0, 30_000, 1, (b"x" * 99 + b"\n") * 30_000))
    assert sum(chunk.raw_len for chunk in packer.pack(everything=True)) == 16 * 65600


def test_an_unfinished_chunk_grows_in_place():
    packer = Packer()
    packer.add(Batch(0, 1, 1, b"a\n"))
    assert packer.pack() == []
    first = packer.pack(everything=True)
    assert (packer.unstored, packer.stored(first), packer.unstored) == (2, 2, 0)
    packer.add(Batch(1, 1, 2, b"b\n"))
    (second,) = packer.pack(everything=True)
    assert (second.first_line, second.text()) == (0, b"a\nb\n")
    assert second.times() == [(0, 1), (1, 2)]
    assert packer.stored([second]) == 2
    packer.add(Batch(2, 1, 3, b"c" * CHUNK + b"\n"))
    (full,) = packer.pack()
    assert (full.first_line, full.n_lines) == (0, 3)
    assert packer.stored([full]) == CHUNK + 1
    assert (packer.first_line, packer.unstored) == (3, 0)


def test_what_was_not_stored_is_packed_again():
    packer = Packer()
    packer.add(Batch(0, 1, 1, b"a" * CHUNK + b"\n"))
    packer.add(Batch(1, 1, 2, b"b\n"))
    assert packer.pack(everything=True) == packer.pack(everything=True)


def test_a_mark_holds_until_the_next_one_also_across_chunks():
    packer = Packer()
    packer.add(Batch(0, 2000, 5, (b"x" * 99 + b"\n") * 2000))
    packer.add(Batch(2000, 1, 9, b"late\n"))
    chunks = pack_all(packer)
    assert [chunk.times() for chunk in chunks] == [
        [(0, 5)],
        [(656, 5)],
        [(1312, 5)],
        [(1968, 5), (2000, 9)],
    ]


def test_damaged_data_is_said_to_be_damaged():
    with pytest.raises(ValueError, match="damaged"):
        Chunk(0, 1, 2, 1, 1, b"", b"nonsense").text()


def test_lines_and_marks_of_a_range():
    assert lines_of(b"a\nb\n\nd\n", 10, 11, 13) == [b"b", b""]
    assert lines_of(b"a\nb\n", 10, 0, 11) == [b"a"]
    assert lines_of(b"a\nb\n", 10, 20, 30) == []
    marks = [(0, 1), (5, 2), (9, 3)]
    assert marks_of(marks, 6, 9) == [(6, 2)]
    assert marks_of(marks, 5, 10) == [(5, 2), (9, 3)]
    assert marks_of(marks, 3, 3) == []


@settings(deadline=None)
@given(st.integers(), st.lists(st.integers(1, 400), max_size=30))
def test_whatever_the_batches_the_chunks_hold_every_line_and_its_time(seed, sizes):
    rng = random.Random(seed)
    lines = [rng.randbytes(rng.randint(0, 600)).replace(b"\n", b"") for _ in range(sum(sizes))]
    batches = batches_of(lines, sizes)
    packer, table = Packer(), {}
    for batch in batches:
        packer.add(batch)
        if rng.random() < 0.5:
            chunks = packer.pack(everything=rng.random() < 0.5)
            if rng.random() < 0.8:  # else the transaction failed
                table |= {chunk.first_line: chunk for chunk in chunks}
                packer.stored(chunks)
    table |= {chunk.first_line: chunk for chunk in pack_all(packer)}
    stored = [table[first] for first in sorted(table)]
    assert b"".join(c.text() for c in stored) == b"".join(b.data for b in batches)
    times = {line: ms for chunk in stored for line, ms in chunk.times()}
    assert times.items() >= {b.first_line: b.ms for b in batches}.items()
    assert [c.end for c in stored[:-1]] == [c.first_line for c in stored[1:]]
