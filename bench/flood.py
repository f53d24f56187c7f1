"""A flood of output against a slow database: nothing is lost, and memory stays bounded.

    python -m bench.flood [--rate 200000] [--seconds 60] [--delay 50]

A child prints numbered lines at the rate; each statement that stores output takes `--delay`
milliseconds longer. Afterwards every line is read back, and the largest memory of this process,
which is what a work horse is, is told.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import event

from app.db import db
from app.services import task_output
from app.services.task_output_writer import TaskOutput
from bench.ingest import CLAIM, new_task, server

PRINTER = """
import sys, time
rate, seconds = map(int, sys.argv[1:])
begun, step = time.monotonic(), rate // 100
for number in range(0, rate * seconds, step):
    time.sleep(max(0, begun + number / rate - time.monotonic()))
    sys.stdout.write("".join(f"{n:09} a line of an ordinary length, as tools print\\n"
                             for n in range(number, number + step)))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rate", type=int, default=200_000, help="lines in a second")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--delay", type=int, default=50, help="ms for each statement that stores")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as app, app.app_context():
        event.listen(db.engine, "before_cursor_execute", slow(options.delay / 1000))
        flood(options)


def slow(seconds: float):
    def wait(_connection, _cursor, statement: str, *_) -> None:
        if statement.startswith(("INSERT INTO task_chunk", "UPDATE task_chunk")):
            time.sleep(seconds)

    return wait


def flood(options: argparse.Namespace) -> None:
    task, before = new_task(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    output, begun = TaskOutput(task.id, CLAIM), time.monotonic()
    argv = [sys.executable, "-c", PRINTER, str(options.rate), str(options.seconds)]
    process = subprocess.Popen(argv, stdout=subprocess.PIPE)
    assert process.stdout
    output.attach(process.stdout.fileno())
    process.wait()
    printed = time.monotonic() - begun
    output.drain()
    seconds = time.monotonic() - begun
    output.finish()
    output.close()
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    check(task, options.rate * options.seconds)
    print(
        f"{options.rate * options.seconds:,} lines: printed in {printed:.1f} s, stored in "
        f"{seconds:.1f} s, none lost; memory {before // 1024} MB before, {most // 1024} MB at most"
    )


def check(task, count: int) -> None:
    """Every number once, in order."""
    db.session.rollback()
    expected, rest = 0, b""
    for piece in task_output.raw(task):
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            assert int(line[:9]) == expected, f"line {expected} is {line[:20]!r}"
            expected += 1
    assert expected == count and not rest, f"{count - expected} lines are missing"


if __name__ == "__main__":
    main()
