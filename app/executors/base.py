"""What every kind of template has in common: the steps from a RunSpec to an exit code."""

import shutil
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any, ClassVar, NamedTuple

from app.executors import artifacts, git
from app.executors.environment import from_settings
from app.executors.execution import Execution
from app.executors.outcome import Outcome
from app.executors.parameters import Parameter
from app.executors.phases import Watch, phase
from app.executors.scripts import ANY, Scripts
from app.executors.spec import (
    Command,
    PreparationFailed,
    Process,
    Reporter,
    RunSpec,
)
from app.lib.git import SYSTEM_PATH
from app.lib.tools import Tool

UNKNOWN = "square-terminal"  # the icon of an app that is not built in
SOMEWHERE = PurePath("…")  # stands for the run's own folder where no run is


@dataclass(frozen=True)
class Kind:
    """What a template's `app` may be: how pages show it, and the program behind it."""

    icon: str  # a symbol of static/icons.svg
    tool: Tool  # its title is the kind's as well; the first of its names is started
    priority: int  # the higher, the earlier in lists
    leading: tuple[str, ...] = ()  # arguments of the program before the script
    env: Mapping[str, str] = field(default_factory=dict)  # variables that the program understands
    scripts: Scripts = ANY  # which files of a repository pages offer as the script

    @property
    def title(self) -> str:
        return self.tool.title


class CommandLine(NamedTuple):
    """One of those that a run starts; `when`: on what it depends, in a few words."""

    argv: list[str]
    when: str = ""


class Executor(ABC):
    """How to run templates of some kinds. Processes, git and logs are not its business."""

    kinds: ClassVar[Mapping[str, Kind]]  # by the word in the database, which is `RunSpec.app`
    needs_inventory: ClassVar[bool] = False
    takes_workspace: ClassVar[bool] = False  # an inventory that names the workspace of a state
    takes_vaults: ClassVar[bool] = False
    file: ClassVar[str] = "Script"  # what `playbook` names, for people
    takes_directory: ClassVar[bool] = False  # whether `playbook` names one, the top if it is empty
    sentence: ClassVar[str]  # what it is for
    parameters: ClassVar[tuple[Parameter, ...]] = ()
    has_steps: ClassVar[bool] = False  # whether init, plan and apply may have their own arguments
    secrets_in_environment: ClassVar[bool] = False  # where the secrets among variables go
    reads_variables: ClassVar[bool] = False  # from a file, of any length; else Linux limits them

    @classmethod
    def kind(cls, app: str) -> Kind:
        """One of `kinds`; an app without an entry is a program of that name."""
        made = Kind(UNKNOWN, Tool(app, (app,), hint=f"see the app {app}"), priority=0)
        return cls.kinds.get(app, made)

    @classmethod
    def reserves(cls, name: str) -> bool:
        """Whether no run may bring along a variable of this name: it changes the tool itself."""
        return False

    @classmethod
    def refusal(cls, arguments: Sequence[str], step: str = "") -> str:
        """Why somebody who may run a template, but not edit it, may not add these arguments, all
        of which are for one step of the tool or, without it, for none in particular."""
        return ""

    @classmethod
    def conflicts(cls, params: Mapping[str, Any], asked: Collection[str]) -> Mapping[str, str]:
        """Which of the parameters of a run do not go with another one of them, and why; `asked`
        are those that it does not merely have from its template."""
        return {}

    @classmethod
    def looks_only(cls, params: Mapping[str, Any]) -> bool:
        """Whether a run with these parameters changes nothing, and builds and deploys nothing."""
        return False

    @abstractmethod
    def argv(self, spec: RunSpec, folder: PurePath = SOMEWHERE) -> list[str]:
        """The command line of the run; `folder` has the files that the run brings with it.

        It may hold no secret: other users of the machine can read it, and pages show it.
        """

    def outline(self, spec: RunSpec, folder: PurePath = SOMEWHERE) -> list[CommandLine]:
        """All that a run of the tool starts, in its order, for people to read; as `argv`."""
        return [CommandLine(self.argv(spec, folder))]

    @abstractmethod
    def prepare(self, execution: Execution) -> Command:
        """Bring what the command requires into the place, and say what is to be run.

        Raises PreparationFailed where something is missing, with what to do.
        """

    def carry_out(self, execution: Execution, command: Command) -> Outcome:
        """Run what was prepared; the state becomes `running` with it."""
        return execution.run(command)

    def preflight(self, spec: RunSpec) -> None:
        """Raise PreparationFailed where this machine lacks the program, before any other work."""
        search = from_settings(spec.settings).get("PATH", SYSTEM_PATH)
        require(self.kind(spec.app).tool, spec.settings.app_path, search)

    def run(self, spec: RunSpec, reporter: Reporter, guardian: Process) -> Outcome:
        """Prepare, run, and return when nothing runs any more and all output is stored.

        Another thread may end the command meanwhile, through the guardian. Raises Cancelled where
        `reporter.cancelled` was found set, and PreparationFailed (its text is in the log).
        """
        watch = Watch(reporter, spec.max_duration, spec.limit_of)
        try:
            with ExitStack() as closing:
                with phase(reporter, "Prepare"):
                    reporter.line(f"Preparing run {spec.task_id}")
                    self.preflight(spec)
                    watch.check()
                with phase(reporter, "Git"):
                    place = closing.enter_context(git.place(spec, reporter, watch.check))
                artifacts.prepare(spec, place, reporter)
                execution = Execution(spec, place, reporter, guardian, watch, closing)
                command = self.prepare(execution)
                with phase(reporter, "Run") as part:
                    outcome = self.carry_out(execution, command)
                    part.status = _status(reporter, outcome)
                guardian.kill()  # Nothing may change the files while they are read.
                artifacts.collect(execution)
                return outcome
        except PreparationFailed as error:
            reporter.line(f"Error: {error}")
            raise


def require(tool: Tool, path: str, search: str = SYSTEM_PATH) -> None:
    """Raise PreparationFailed where the program, or the `path` set for it, is not there.

    `search` is where the run will look for it, as PATH has it.
    """
    if path:
        if shutil.which(path, path=search) is None:
            raise PreparationFailed(f"{path}, the configured path of {tool.title}, was not found")
    elif not any(shutil.which(name, path=search) for name in tool.names):
        raise PreparationFailed(
            f"{tool.title} is not installed on the machine of this worker. Install it: {tool.hint}"
        )


def _status(reporter: Reporter, outcome: Outcome) -> str:
    if reporter.cancelled:
        return "stopped"
    return "success" if outcome.succeeded else "failed"
