"""What every kind of template has in common: the steps from a RunSpec to an exit code."""

import shlex
import signal
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import ClassVar

from app.executors import git
from app.executors.environment import environment
from app.executors.phases import Watch, phase
from app.executors.spec import (
    Cancelled,
    Outcome,
    Place,
    PreparationFailed,
    Process,
    Reporter,
    RunSpec,
)
from app.lib.process import CommandNotStarted
from app.lib.tools import Tool

LOOK = 0.5  # seconds by which a time limit may be exceeded
LONGEST_SHOWN = 1000  # characters of a command line in the log
_MEANINGS = {126: "the file cannot be executed", 127: "a command was not found"}


@dataclass(frozen=True)
class Kind:
    """What a template's `app` may be: how pages show it, and the program behind it."""

    icon: str  # a symbol of static/icons.svg
    tool: Tool  # its title is the kind's as well; the first of its names is started
    leading: tuple[str, ...] = ()  # arguments of the program before the script

    @property
    def title(self) -> str:
        return self.tool.title


class Executor(ABC):
    """How to run templates of some kinds. Processes, git and logs are not its business."""

    kinds: ClassVar[Mapping[str, Kind]]  # by the word in the database, which is `RunSpec.app`
    needs_inventory: ClassVar[bool] = False

    @abstractmethod
    def command(self, spec: RunSpec) -> list[str]:
        """The command line. It may hold no secret: other users of the machine can read it."""

    @abstractmethod
    def verify(self, spec: RunSpec, place: Place) -> None:
        """Raise PreparationFailed where the checkout lacks what the command needs."""

    def environment(self, spec: RunSpec, place: Place) -> dict[str, str]:
        """The complete environment of the command."""
        return environment(spec, place)

    def run(self, spec: RunSpec, reporter: Reporter, guardian: Process) -> Outcome:
        """Prepare, run, and return when nothing runs any more and all output is stored.

        Another thread may end the command meanwhile, through the guardian. Raises Cancelled where
        `reporter.cancelled` was found set, and PreparationFailed (its text is in the log).
        """
        watch = Watch(reporter, spec.max_duration)
        try:
            with ExitStack() as stack:
                with phase(reporter, "Prepare"):
                    reporter.line(f"Preparing run {spec.task_id}")
                    watch.check()
                with phase(reporter, "Git"):
                    place = stack.enter_context(git.place(spec, reporter, watch.check))
                with phase(reporter, "Run") as part:
                    self._start(spec, place, reporter, guardian)
                    outcome = _follow(spec, reporter, guardian, watch)
                    part.status = _status(reporter, outcome)
                return outcome
        except PreparationFailed as error:
            reporter.line(f"Error: {error}")
            raise

    def _start(self, spec: RunSpec, place: Place, reporter: Reporter, guardian: Process) -> None:
        self.verify(spec, place)
        argv = self.command(spec)
        variables = self.environment(spec, place)
        reporter.line(_shown(argv))
        if reporter.cancelled:
            raise Cancelled
        # From here on the place is free only when the guardian has killed everything as well.
        guardian.hold(place.lock)
        try:
            guardian.start(argv, cwd=place.directory, env=variables)
        except CommandNotStarted as error:
            if reporter.cancelled:  # The guardian was killed meanwhile.
                raise Cancelled from error
            raise PreparationFailed(str(error)) from error


def _follow(spec: RunSpec, reporter: Reporter, guardian: Process, watch: Watch) -> Outcome:
    """The rest of the way: from a command that was just started to its stored output."""
    code, reason = None, None
    try:
        reporter.status("running")  # The command gets going meanwhile.
        reporter.attach(guardian)
        while code is None and not watch.is_over:
            code = guardian.wait(LOOK)
        if code is None:
            reason = watch.reason
            code = _end(guardian, spec.settings.stop_grace)
    except BaseException:
        guardian.kill()  # Nothing may work in the place any more when it is given back.
        raise
    reporter.drain()
    if reason:
        reporter.line(f"Error: {reason}")
    return Outcome(code, reason or _explain(spec, code))


def _end(guardian: Process, grace: float) -> int:
    guardian.terminate()
    code = guardian.wait(grace)
    if code is None:
        guardian.kill()
        code = guardian.wait(None)
    assert code is not None
    return code


def _shown(argv: list[str]) -> str:
    line = shlex.join(argv).replace("\n", "\\n")
    return f"$ {line[:LONGEST_SHOWN]}{'…' if len(line) > LONGEST_SHOWN else ''}"


def _explain(spec: RunSpec, code: int) -> str | None:
    if code == 0:
        return None
    meaning = _MEANINGS.get(code, "")
    if code - 128 in set(signal.Signals):
        meaning = signal.Signals(code - 128).name
    return f"{spec.playbook} ended with exit code {code}" + (f": {meaning}" if meaning else "")


def _status(reporter: Reporter, outcome: Outcome) -> str:
    if reporter.cancelled:
        return "stopped"
    return "success" if outcome.succeeded else "failed"
