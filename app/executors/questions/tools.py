"""Run a tool for a look: watched over like a run, with its last words kept."""

import os
import select
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from app.executors.questions.base import Look, NoAnswer, TookTooLong
from app.lib.confinement import Confinement
from app.lib.process import CommandNotStarted, Guardian

LAST_WORDS = 32 * 1024  # bytes


def run_tool(
    argv: Sequence[str],
    cwd: Path,
    env: Mapping[str, str],
    look: Look,
    lock: int | None = None,
    confinement: Confinement | None = None,
) -> tuple[int, str]:
    """Run a command that may execute what a repository holds; the exit code and its output.

    It and all that it starts are dead when this returns or raises. `lock`, an open descriptor, is
    held until then. Raises NoAnswer if it cannot be started, TookTooLong.
    """
    with closing(Guardian.fork(look.mark)) as guardian:
        if lock is not None:
            guardian.hold(lock)
        try:
            guardian.start(list(argv), cwd=cwd, env=env, confinement=confinement)
        except CommandNotStarted as error:
            raise NoAnswer(str(error)) from error
        said = _read(guardian.output, look)
        code = guardian.wait(max(look.left, 0))
        if code is None:
            raise TookTooLong
        return code, said.decode(errors="replace")


def _read(output: int, look: Look) -> bytes:
    """The end of what it prints, until nobody can print any more."""
    said, poll = b"", select.poll()
    poll.register(output, select.POLLIN)
    while True:
        if not poll.poll(max(look.left, 0) * 1000):
            raise TookTooLong
        data = os.read(output, 1 << 16)
        if not data:
            return said
        said = (said + data)[-LAST_WORDS:]
