"""Scripts: bash, and whatever else is started as `program script arguments`."""

import difflib
import os
from pathlib import Path, PurePosixPath
from typing import Any

from app.executors.base import Executor, Kind
from app.executors.environment import environment
from app.executors.spec import Place, PreparationFailed, RunSpec, as_text
from app.lib.tools import Tool

RESERVED = "semaphore_vars"  # what the original adds for Ansible; no script gets it
MOST_FILES = 5000  # looked at for a similar name


class Shell(Executor):
    """A script of the repository, run in its top directory.

    Secret variables are never arguments, as they are in the original: every user of the machine
    could read them in the process list. The script finds them in its environment.
    """

    kinds = {
        "bash": Kind("tool-bash", Tool("Bash", ("bash",), hint="apt install bash", needed=True)),
    }

    def command(self, spec: RunSpec) -> list[str]:
        settings, kind = spec.settings, self.kinds[spec.app]
        return [
            settings.app_path or kind.tool.names[0],
            *(kind.leading if settings.app_args is None else settings.app_args),
            script_argument(spec.playbook),
            *spec.arguments,
            *(f"{name}={as_text(value)}" for name, value in variables(spec)),
            *spec.task_arguments,
        ]

    def environment(self, spec: RunSpec, place: Place) -> dict[str, str]:
        return environment(spec, place, spec.secret_vars)

    def verify(self, spec: RunSpec, place: Place) -> None:
        find_file(spec.playbook, place)


def variables(spec: RunSpec) -> list[tuple[str, Any]]:
    """The open extra variables in the order of their names."""
    return sorted((name, value) for name, value in spec.extra_vars.items() if name != RESERVED)


def script_argument(name: str) -> str:
    """The script as an argument that no program takes for an option."""
    path = str(PurePosixPath(name))
    return f"./{path}" if path.startswith("-") else path


def find_file(name: str, place: Place) -> Path:
    """The file `name` of the checkout. PreparationFailed where it is none, or leads out of it."""
    if "\0" in name or not name.strip():
        raise PreparationFailed("The template names no script: choose one of the repository")
    top = place.directory.resolve()
    path = PurePosixPath(name)
    if not path.parts:
        raise PreparationFailed(f"Script {name} is a directory: name a file inside the repository")
    if path.is_absolute() or ".." in path.parts or path.parts[0] == ".git":
        raise PreparationFailed(f"Script {name} must be a path inside the repository")
    try:
        found = (top / path).resolve(strict=True)
    except (OSError, RuntimeError) as error:  # missing, or links in a circle
        raise PreparationFailed(
            f"Script {name} does not exist at {place.label}.{_similar(name, top)}"
        ) from error
    if not found.is_relative_to(top) or ".git" in found.relative_to(top).parts[:1]:
        raise PreparationFailed(f"Script {name} is a link that leads out of the repository")
    if not found.is_file():
        raise PreparationFailed(f"Script {name} is not a file: name a script in it")
    return found


def _similar(name: str, top: Path) -> str:
    files = _files(top)
    close = difflib.get_close_matches(name, files, n=3, cutoff=0.6)
    close += [file for file in files if PurePosixPath(file).name == PurePosixPath(name).name]
    return f" Similar: {', '.join(dict.fromkeys(close[:3]))}." if close else ""


def _files(top: Path) -> list[str]:
    found: list[str] = []
    for directory, below, names in os.walk(top):
        below[:] = sorted(entry for entry in below if entry != ".git")
        found += [str(Path(directory, name).relative_to(top)) for name in sorted(names)]
        if len(found) > MOST_FILES:
            break
    return found
