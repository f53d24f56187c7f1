"""What init is told of the backend: files of the repository, and values, secret ones among them.

Values are written to a file of the run's own folder that nobody else can read; no command line has
any of them.
"""

import json
from collections.abc import Iterator
from pathlib import Path, PurePath

from app.executors import terraform_plans
from app.executors.checkout import find_file, located
from app.executors.environment import as_text
from app.executors.spec import Place, PreparationFailed, RunSpec

NAME = "backend_config"  # the parameter
FILE = "backend.tfbackend.json"
VARIABLE = "$"  # before the name of a variable; twice: a text that begins with one


def arguments(spec: RunSpec, place: Place, directory: Path) -> list[str]:
    """The options of init; a value counts before those of files.

    Raises PreparationFailed for a file that is not in the repository and for an unknown variable.
    """
    entries = spec.params.get(NAME) or []
    if values := dict(_values(entries, spec)):
        terraform_plans.write(place.tmp / FILE, json.dumps(values).encode())
    files = [located(name, place, directory, _find) for name in _files(entries)]
    return _options(files, place.tmp if values else None)


def outline(spec: RunSpec, folder: PurePath) -> list[str]:
    """The options as they will be, for people to read; nothing is looked for or written."""
    entries = spec.params.get(NAME) or []
    files = _files(entries)
    return _options(files, folder if len(files) < len(entries) else None)


def _options(files: list[str], folder: PurePath | None) -> list[str]:
    """`folder` is where the file with the values lies, where there are some."""
    found = [*files, *([str(folder / FILE)] if folder else [])]
    return [f"-backend-config={name}" for name in found]


def _files(entries: list[str]) -> list[str]:
    return [entry for entry in entries if "=" not in entry]


def _find(name: str, place: Place, below: Path | None = None) -> Path:
    return find_file(name, place, below, "Backend configuration")


def _values(entries: list[str], spec: RunSpec) -> Iterator[tuple[str, str]]:
    for entry in entries:
        name, equals, value = entry.partition("=")
        if equals:
            yield name.strip(), _resolved(value.strip(), spec)


def _resolved(value: str, spec: RunSpec) -> str:
    """What a value stands for: itself, or with $ in front the variable of this name."""
    if not value.startswith(VARIABLE):
        return value
    name = value.removeprefix(VARIABLE)
    if name.startswith(VARIABLE):
        return name
    for known in (spec.secret_env, spec.secret_vars, spec.env, spec.extra_vars):
        if name in known:
            return as_text(known[name])
    raise PreparationFailed(
        f"The backend configuration names the variable {name[:80]}, which this run does not have"
    )
