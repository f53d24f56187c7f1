import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.lib import line_writer
from app.lib.line_writer import BATCH, LONGEST, ROOM, Batch, LineWriter
from app.lib.redact import Redactor


def everything(lines: LineWriter) -> list[Batch]:
    """All batches, without waiting for their time."""
    batches = []
    while lines.due is not None:
        lines.hurry()
        batch = lines.take()
        assert batch
        batches.append(batch)
    return batches


def text(batches: list[Batch]) -> bytes:
    return b"".join(batch.data for batch in batches)


def assert_numbered(batches: list[Batch], first: int = 0) -> None:
    for batch in batches:
        assert batch.first_line == first
        assert batch.n_lines == batch.data.count(b"\n") > 0
        assert batch.data.endswith(b"\n")
        first = batch.end
    assert [b.ms for b in batches] == sorted(b.ms for b in batches)


def test_the_first_line_leaves_at_once_and_the_next_ones_together():
    lines = LineWriter()
    lines.write(b"one\ntw")
    first = lines.take()
    assert first and first == Batch(0, 1, first.ms, b"one\n")
    lines.write(b"o\nthree\nfour")
    assert lines.take() is None
    assert lines.due and 0 < lines.due - time.monotonic() <= line_writer.PAUSE
    lines.hurry()
    batch = lines.take()
    assert batch and (batch.first_line, batch.n_lines, batch.data) == (1, 2, b"two\nthree\n")
    assert lines.due is None and lines.position == 3


def test_a_full_batch_does_not_wait():
    lines = LineWriter()
    lines.write(b"first\n")
    lines.take()
    lines.write(b"x" * 1023 + b"\n")
    assert lines.take() is None
    lines.write((b"x" * 1023 + b"\n") * 300)
    batch = lines.take()
    assert batch and len(batch.data) == BATCH
    assert lines.take() is None


def test_the_end_finishes_an_unfinished_line():
    lines = LineWriter()
    lines.write(b"a\nb")
    lines.end()
    assert text(everything(lines)) == b"a\nb\n"
    lines.end()
    assert lines.due is None


def test_numbers_start_where_they_are_told_to():
    lines = LineWriter(first_line=41)
    assert lines.line("again") == 41
    assert_numbered(everything(lines), 41)


def test_a_line_of_ours_never_lands_inside_an_unfinished_line():
    lines = LineWriter()
    lines.write(b"a\nfetching ")
    assert lines.line("a line\nand one more\n") == 1
    lines.write(b"done\n")
    assert text(everything(lines)) == b"a\na line\nand one more\nfetching done\n"


def test_an_empty_line_of_ours_is_a_line():
    lines = LineWriter()
    assert [lines.line(""), lines.line("\n"), lines.line("a\n\nb"), lines.position] == [0, 1, 2, 5]
    assert text(everything(lines)) == b"\n\na\n\nb\n"


def test_a_time_mark_of_elsewhere_starts_a_batch_and_never_runs_backwards():
    lines = LineWriter()
    late = time.time_ns() // 1_000_000 + 60_000
    lines.write(b"now\n")
    lines.line("later", at=late)
    lines.line("earlier, said late", at=late - 5000)
    lines.write(b"after\n")
    batches = everything(lines)
    assert [b.data for b in batches] == [b"now\n", b"later\n", b"earlier, said late\n", b"after\n"]
    assert [b.ms for b in batches[1:]] == [late, late, late]


def test_secrets_are_masked_in_output_and_in_lines_of_ours():
    lines = LineWriter(Redactor(["hunter22"]))
    lines.write(b"a hunt")
    lines.line("key hunter22")
    assert lines.mask("key: hunter22") == "key: ***"
    lines.write(b"er22\nhunt")
    lines.end()
    assert text(everything(lines)) == b"key ***\na ***\nhunt\n"


def test_a_line_longer_than_a_mebibyte_is_split_there():
    lines = LineWriter()
    lines.take()
    lines.write(b"y" * LONGEST + b"\n")
    lines.write(b"x" * (2 * LONGEST + 5) + b"\nend\n")
    lines.line("z" * (LONGEST + 1) + "\n\n")
    sizes = [len(line) for line in text(everything(lines)).split(b"\n")]
    assert sizes == [LONGEST, LONGEST, LONGEST, 5, 3, LONGEST, 1, 0, 0]


def test_raw_bytes_are_kept():
    lines = LineWriter()
    raw = b"\x00\xff\xfe\r10%\r20%\r\n\x1b[31mred\x1b[0m\n"
    lines.write(raw)
    assert text(everything(lines)) == raw


def test_a_line_waits_for_room_until_batches_are_released():
    lines, written = LineWriter(), threading.Event()
    lines.write(b"x" * ROOM + b"\n")
    batches = everything(lines)

    def speak() -> None:
        lines.line("there is room")
        written.set()

    thread = threading.Thread(target=speak)
    thread.start()
    assert not written.wait(0.1)
    lines.release(sum(len(batch.data) for batch in batches))
    assert written.wait(10)
    thread.join()


def test_whoever_takes_the_batches_never_waits_for_room():
    lines = LineWriter()
    lines.write(b"x" * ROOM + b"\n")
    everything(lines)
    assert lines.line("said by the reader itself") == 2


def test_after_a_failure_lines_are_refused_and_nobody_waits():
    lines, errors = LineWriter(), []

    def speak() -> None:
        with pytest.raises(OSError) as error:
            lines.line("x")
        errors.append(error.value)

    lines.write(b"x" * ROOM + b"\n")
    thread = threading.Thread(target=speak)
    thread.start()
    lines.fail(OSError("the database is gone"))
    thread.join(10)
    assert [str(error) for error in errors] == ["the database is gone"]


def test_lines_of_many_threads_are_all_there_and_numbered_as_they_stand():
    lines, numbers = LineWriter(), {}

    def speak(name: int) -> None:
        for i in range(200):
            numbers[f"{name} {i}"] = lines.line(f"{name} {i}")

    threads = [threading.Thread(target=speak, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    batches = everything(lines)
    assert_numbered(batches)
    assert {line: at for at, line in enumerate(text(batches).decode().splitlines())} == numbers


@settings(deadline=None)
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=30),
            st.sampled_from([b"\n", b"\n\n", b"\x00", b"\xff\n"]),
            st.integers(1, 300_000),
            st.text(st.characters(codec="utf-8"), max_size=12),
            st.none(),
        ),
        max_size=20,
    )
)
def test_any_mixture_is_numbered_and_complete(steps):
    """Bytes are output, so is a number of them; text is a line of ours, None takes what is due."""
    lines, batches, output, ours = LineWriter(), [], b"", []
    lines.take()  # this thread is the one that never waits for room
    for step in steps:
        step = b"x" * step if isinstance(step, int) else step
        if isinstance(step, bytes):
            lines.write(step)
            output += step
        elif isinstance(step, str):
            marked = f"\udcff{step}".encode("utf-8", "replace").decode()  # "?" and the text
            ours.append((lines.line(marked), marked.removesuffix("\n")))
        elif batch := lines.take():
            batches.append(batch)
    lines.end()
    batches += everything(lines)
    assert_numbered(batches)
    every = text(batches).split(b"\n")[:-1]
    for number, said in reversed(ours):
        height = said.count("\n") + 1
        assert b"\n".join(every[number : number + height]) == said.encode()
        del every[number : number + height]
    assert b"".join(line + b"\n" for line in every) == output.removesuffix(b"\n") + b"\n" * bool(
        output
    )
