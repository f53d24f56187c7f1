import os
import pty
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.lib.line_reader import LineReader
from app.lib.line_writer import BATCH, LONGEST, Batch, LineWriter
from app.lib.redact import Redactor


def read_batches(
    fd: int, *, redactor: Redactor | None = None, first_line: int = 0
) -> Iterator[Batch]:
    """The numbered batches of what comes out of `fd`, up to its end."""
    lines = LineWriter(redactor, first_line)
    with closing(LineReader(lines)) as reader:
        reader.attach(fd)
        while reader.is_open or lines.due is not None:
            reader.wait(lines.due)
            while batch := lines.take():
                yield batch
                lines.release(len(batch.data))


def output_of(script: str, **options) -> tuple[bytes, list]:
    process = subprocess.Popen(
        ["bash", "-c", script], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert process.stdout
    with process.stdout:
        batches = list(read_batches(process.stdout.fileno(), **options))
    assert process.wait() == 0
    return b"".join(batch.data for batch in batches), batches


def test_both_streams_are_read_in_the_order_written():
    text, batches = output_of("for i in 1 2 3; do echo out $i; echo err $i >&2; done")
    assert text == b"out 1\nerr 1\nout 2\nerr 2\nout 3\nerr 3\n"
    assert (batches[0].first_line, batches[-1].end) == (0, 6)


def test_a_flood_is_complete_in_batches_of_at_most_256_kib():
    text, batches = output_of("seq 300000")
    assert text == b"".join(b"%d\n" % i for i in range(1, 300_001))
    assert max(len(batch.data) for batch in batches) <= BATCH
    assert [b.end for b in batches[:-1]] == [b.first_line for b in batches[1:]]


def test_no_output_makes_no_batch():
    assert output_of("true") == (b"", [])


def test_a_last_line_without_an_end_gets_one():
    assert output_of("printf 'a\\nb'")[0] == b"a\nb\n"


def test_a_line_without_end_is_split_and_none_of_it_lost():
    text, _ = output_of("head -c 2500000 /dev/zero | tr '\\0' x; echo; echo end")
    assert [len(line) for line in text.split(b"\n")] == [LONGEST, LONGEST, 402848, 3, 0]


def test_secrets_are_masked_across_reads():
    text, _ = output_of(
        "printf 'a hun'; sleep 0.05; printf 'ter22 b\\n'", redactor=Redactor(["hunter22"])
    )
    assert text == b"a *** b\n"


def test_the_end_of_a_terminal_is_the_end():
    ours, theirs = pty.openpty()
    process = subprocess.Popen(["echo", "hello"], stdout=theirs)
    os.close(theirs)
    assert b"".join(batch.data for batch in read_batches(ours)) == b"hello\r\n"
    process.wait()
    os.close(ours)


def test_it_wakes_up_for_lines_of_other_threads():
    lines = LineWriter()
    reader = LineReader(lines)
    read, write = os.pipe()
    reader.attach(read)

    def speak() -> None:
        lines.line("from elsewhere")
        reader.wake()

    thread = threading.Thread(target=speak)
    reader.wait(None)  # for the attaching itself
    thread.start()
    while not (batch := lines.take()):
        reader.wait(None)
    assert batch.data == b"from elsewhere\n"
    thread.join()
    for fd in (read, write):
        os.close(fd)
    reader.close()


@pytest.mark.parametrize("is_held", [True, False])
def test_a_pipe_that_somebody_keeps_open_can_be_given_up(is_held):
    lines = LineWriter()
    reader = LineReader(lines)
    read, write = os.pipe()
    reader.attach(read)
    os.write(write, b"a\n" * 200_000 + b"rest")
    if not is_held:
        os.close(write)
    assert reader.give_up() is is_held
    assert not reader.is_open
    text = b""
    while batch := lines.take():
        text += batch.data
        lines.hurry()
    assert text == b"a\n" * 200_000 + b"rest\n"
    os.close(read)
    if is_held:
        os.close(write)
    reader.close()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.binary(max_size=2000) | st.just(b"\n"), max_size=30))
def test_what_is_read_is_what_was_written(pieces):
    read, write = os.pipe()

    def print_them() -> None:
        for piece in pieces:
            os.write(write, piece)
        os.close(write)

    thread = threading.Thread(target=print_them)
    thread.start()
    text = b"".join(batch.data for batch in read_batches(read))
    thread.join()
    os.close(read)
    raw = b"".join(pieces)
    assert text == (raw if raw.endswith(b"\n") or not raw else raw + b"\n")
