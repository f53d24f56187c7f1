"""What a script says is kept byte for byte, in order, however awkward it is."""

import pytest

from app.executors.execution import shown
from app.lib.process import Guardian
from app.models import Task, TaskStatus
from app.services import task_output
from tests.executors.reporters import ListReporter
from tests.jobs.conftest import finishes

pytestmark = [pytest.mark.processes]

MB = 1 << 20
# A script, and what must be kept of it: lines end with a line feed, the last one also without.
AWKWARD: dict[str, tuple[str, bytes]] = {
    "one word": ("echo x", b"x\n"),
    "nothing": ("true", b""),
    "no line feed at the end": ("printf 'a\\nb'", b"a\nb\n"),
    "empty lines": ("printf '\\n\\n \\n'", b"\n\n \n"),
    "a line of a megabyte": ("head -c 1000000 /dev/zero | tr '\\0' x", b"x" * 1_000_000 + b"\n"),
    "invalid UTF-8": (r"printf '\xff\xfe ok \xc3\n'", b"\xff\xfe ok \xc3\n"),
    "zero bytes": (r"printf 'a\0b\n'", b"a\0b\n"),
    "carriage returns": (r"printf '10%%\r50%%\r100%%\n'", b"10%\r50%\r100%\n"),
    "colours": (r"printf '\033[31mred\033[0m\n'", b"\x1b[31mred\x1b[0m\n"),
    "both outputs in turn": (
        "for n in 1 2 3; do echo o$n; echo e$n >&2; done",
        b"o1\ne1\no2\ne2\no3\ne3\n",
    ),
    "a burst at the very end": ("seq 50000", b"".join(b"%d\n" % n for n in range(1, 50_001))),
    "pieces of a line": ("for w in a b c; do printf $w; sleep 0.1; done; echo", b"abc\n"),
    "a child that speaks after its parent": ("(sleep 0.3; echo late) & wait; echo x", b"late\nx\n"),
    "separators of other worlds": (
        r"printf 'a\x0bb\x0cc\xe2\x80\xa8d\n'",
        b"a\x0bb\x0cc\xe2\x80\xa8d\n",
    ),
}


def said(task: Task) -> bytes:
    """The output from behind the command line on."""
    raw = b"".join(task_output.raw(task))
    return raw.partition(shown(["bash", "run.sh"]).encode() + b"\n")[2]


def test_every_byte_is_kept(worker, script, start) -> None:
    tasks = {name: start(script(text)) for name, (text, _) in AWKWARD.items()}
    for name, task in tasks.items():
        assert finishes(task).status == TaskStatus.SUCCESS, name
        assert said(task) == AWKWARD[name][1], name


@pytest.mark.timeout(400)  # each forks the guardian, which is as large as the process of the tests
def test_a_thousand_short_commands_keep_their_line_each() -> None:
    """The tail of a short output is what the original loses."""
    told = ListReporter()
    guardian = Guardian.fork("a thousand")
    try:
        for number in range(1000):
            guardian.start(["echo", str(number)], cwd="/", env={"PATH": "/usr/bin:/bin"})
            told.attach(guardian)
            assert guardian.wait(None) == 0
            told.drain()
    finally:
        guardian.close()
    assert told.lines == [str(number) for number in range(1000)]
