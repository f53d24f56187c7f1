"""Scripts: bash, Python, PowerShell, and whatever else is `program script arguments`."""

from pathlib import PurePath, PurePosixPath
from typing import Any

from app.executors import python_packages
from app.executors.base import SOMEWHERE, Executor, Kind
from app.executors.checkout import find_file, working_directory
from app.executors.environment import as_text, check_length, environment
from app.executors.execution import Execution
from app.executors.scripts import Scripts
from app.executors.spec import Command, RunSpec
from app.lib.tools import Tool

RESERVED = "semaphore_vars"  # what the original adds for Ansible; no script gets it


class Shell(Executor):
    """A script of the repository, run in its top directory or the template's.

    Secret variables are never arguments, as they are in the original: every user of the machine
    could read them in the process list. The script finds them in its environment.
    """

    secrets_in_environment = True
    parameters = python_packages.PARAMETERS
    sentence = "A script of the repository, with arguments and variables."
    kinds = {
        "bash": Kind(
            "tool-bash",
            Tool("Bash", ("bash",), hint="apt install bash", needed=True),
            priority=700,
            scripts=Scripts((".sh", ".bash")),
        ),
        "powershell": Kind(
            "square-terminal",
            Tool("PowerShell", ("pwsh",), hint="https://aka.ms/install-powershell"),
            priority=600,
            leading=("-NoProfile", "-NonInteractive", "-File"),
            env={"POWERSHELL_TELEMETRY_OPTOUT": "1", "POWERSHELL_UPDATECHECK": "Off"},
            scripts=Scripts((".ps1",)),
        ),
        "python": Kind(
            "tool-python",
            Tool("Python", ("python3",), hint="apt install python3"),
            priority=500,
            env={"PYTHONUNBUFFERED": "1"},  # or a log that is read live comes in blocks
            scripts=Scripts((".py",)),
        ),
    }

    def argv(self, spec: RunSpec, folder: PurePath = SOMEWHERE) -> list[str]:
        settings, kind = spec.settings, self.kind(spec.app)
        return [
            settings.app_path or kind.tool.names[0],
            *(kind.leading if settings.app_args is None else settings.app_args),
            script_argument(spec.playbook),
            *spec.arguments,
            *(f"{name}={as_text(value)}" for name, value in variables(spec)),
            *spec.task_arguments,
        ]

    def prepare(self, execution: Execution) -> Command:
        spec, place = execution.spec, execution.place
        directory = working_directory(spec, place)
        find_file(spec.playbook, place, directory)
        own = {name: v for name, v in self.kind(spec.app).env.items() if name not in spec.env}
        more = {**own, **spec.secret_vars, "PWD": str(directory)}
        for name, value in variables(spec):
            check_length(name, as_text(value))
        env = environment(spec, place, more)
        env |= python_packages.provide(execution, env)
        tool = self.kind(spec.app).tool
        return Command(self.argv(spec), env, directory, tool=tool)


def variables(spec: RunSpec) -> list[tuple[str, Any]]:
    """The open extra variables in the order of their names."""
    return sorted((name, value) for name, value in spec.extra_vars.items() if name != RESERVED)


def script_argument(name: str) -> str:
    """The script as an argument that no program takes for an option."""
    path = str(PurePosixPath(name))
    return f"./{path}" if path.startswith("-") else path
