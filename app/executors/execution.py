"""The commands of a run, one after the other, in its place and under its guardian."""

import shlex
import signal
from collections.abc import Sequence
from contextlib import ExitStack

from app.executors import tool_versions
from app.executors.isolation import confined
from app.executors.outcome import Outcome
from app.executors.phases import Watch
from app.executors.spec import (
    Cancelled,
    Command,
    Place,
    PreparationFailed,
    Process,
    Reporter,
    RunSpec,
)
from app.lib.process import CommandNotStarted
from app.lib.pty_prompts import NoTerminal, Terminal

LOOK = 0.5  # seconds by which a time limit may be exceeded
LONGEST_SHOWN = 1000  # characters of a command line in the log
LONGEST_TOLD = 20_000  # … in the manifest of the run
_MEANINGS = {126: "the file cannot be executed", 127: "a command was not found"}


class Execution:
    """A run whose place is ready. What `closing` is given is undone when the run has ended."""

    def __init__(
        self,
        spec: RunSpec,
        place: Place,
        reporter: Reporter,
        guardian: Process,
        watch: Watch,
        closing: ExitStack,
    ) -> None:
        self.spec, self.place, self.reporter = spec, place, reporter
        self.watch, self.closing = watch, closing
        self._guardian = guardian
        self._places: list[Place] = []
        self.hold(place)

    def hold(self, place: Place) -> None:
        """From here on the place is free only when the guardian has killed everything as well,
        and commands may write there."""
        self._guardian.hold(place.lock)
        self._places.append(place)

    def prepare(self, command: Command) -> int:
        """Run a command of the preparation and return its exit code, its output stored.

        Raises Cancelled, and PreparationFailed if it cannot be started or takes too long.
        """
        code, reason = self._follow(command)
        if reason:
            raise PreparationFailed(reason)
        self.watch.check()
        return code

    def run(self, command: Command) -> Outcome:
        """Run the command that the run is about; its state becomes `running`."""
        line = shlex.join(command.argv)[:LONGEST_TOLD]
        self.reporter.event("fact", name="command", value={"line": line})
        code, reason = self._follow(command, "running")
        told = command.ended()
        if reason:
            self.reporter.line(f"Error: {reason}")
        meaning = explain(self.spec.playbook, code)
        return Outcome(code, reason or (meaning and told) or meaning)

    def _follow(self, command: Command, status: str = "") -> tuple[int, str | None]:
        """From a command line to stored output: the exit code, and why it had to end, if so."""
        with ExitStack() as closing:
            terminal = self._terminal(command, closing) if command.answers else None
            self._announce(command, status)
            self._start(command, terminal.slave if terminal else None)
            code, reason = self._attend(command)
        self.reporter.drain()
        return code, reason or (terminal.reason if terminal else None)

    def _terminal(self, command: Command, closing: ExitStack) -> Terminal:
        """Where the command asks for passwords; what else it says there goes to the log."""
        try:
            return closing.enter_context(Terminal(command.answers, on_text=self.reporter.line))
        except NoTerminal as error:
            raise PreparationFailed(str(error)) from error
        except ValueError as error:
            raise PreparationFailed(f"A password of this run cannot be used: {error}") from error

    def _attend(self, command: Command) -> tuple[int, str | None]:
        """Wait for the end of what was started; at the time limit, end it."""
        code, reason = None, None
        try:
            self.reporter.attach(self._guardian)
            if versions := tool_versions.of(command, self.spec.settings):
                self.reporter.event("fact", name="tools", value=versions)
            while code is None and not self.watch.is_over:
                code = self._guardian.wait(LOOK)
            if code is None:
                reason = self.watch.reason
                code = self._end()
        except BaseException:
            self._guardian.kill()  # Nothing may work in the place any more when it is given back.
            raise
        return code, reason

    def _announce(self, command: Command, status: str) -> None:
        """Say what runs now. What dies in `starting` is started again: the state comes before."""
        self.reporter.line(shown(command.argv))
        if status and not self.reporter.cancelled:
            self.reporter.status(status)
        if self.reporter.cancelled:
            raise Cancelled

    def _start(self, command: Command, terminal: int | None) -> None:
        settings, project_id = self.spec.settings, self.spec.project_id
        try:
            with confined(settings, project_id, self._places, command.writable) as confinement:
                self._guardian.start(
                    list(command.argv),
                    cwd=command.cwd,
                    env=command.env,
                    terminal=terminal,
                    stdout=command.stdout,
                    inherit=command.inherit,
                    confinement=confinement,
                    stop=command.stop,
                )
            if self.reporter.cancelled:  # A stop that came meanwhile has found nobody to tell.
                self._guardian.terminate()
        except CommandNotStarted as error:
            if self.reporter.cancelled:  # The guardian was killed meanwhile.
                raise Cancelled from error
            raise PreparationFailed(str(error)) from error

    def _end(self) -> int:
        self._guardian.terminate()
        code = self._guardian.wait(self.spec.settings.stop_grace)
        if code is None:
            self._guardian.kill()
            code = self._guardian.wait(None)
        assert code is not None
        return code


def shown(argv: Sequence[str]) -> str:
    """A command line as the log tells it."""
    line = shlex.join(argv).replace("\n", "\\n")
    return f"$ {line[:LONGEST_SHOWN]}{'…' if len(line) > LONGEST_SHOWN else ''}"


def explain(what: str, code: int) -> str | None:
    """Why a command failed, for a person; None if it did not."""
    if code == 0:
        return None
    meaning = _MEANINGS.get(code, "")
    if code - 128 in set(signal.Signals):
        meaning = signal.Signals(code - 128).name
    return f"{what} ended with exit code {code}" + (f": {meaning}" if meaning else "")
