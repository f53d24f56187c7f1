"""Files and directories of a checkout: found, and never outside it, whatever links lie there."""

import difflib
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path, PurePosixPath

from app.executors.spec import Place, PreparationFailed, RunSpec

MOST_FILES = 5000  # looked at for a similar name


def working_directory(spec: RunSpec, place: Place) -> Path:
    """Where the command is started: the directory of the template, else the checkout's top."""
    if not spec.working_directory:
        return place.directory
    name = spec.working_directory
    return find_directory(name, place, place.directory, "Working directory")


def find_directory(name: str, place: Place, below: Path, what: str = "Directory") -> Path:
    """The directory `name`, a path from `below` on. PreparationFailed as for files."""
    found = _inside(place, below, name, what)
    if not found.is_dir():
        raise PreparationFailed(f"{what} {name} is not a directory")
    return found


def find_file(name: str, place: Place, below: Path | None = None, what: str = "Script") -> Path:
    """The file `name`, a path from `below` on (the top without it).

    PreparationFailed where it is none, or leads out of the checkout; `what` it is for messages.
    """
    if "\0" in name or not name.strip():
        raise PreparationFailed(
            f"The template names no {what.lower()}: choose one of the repository"
        )
    if not PurePosixPath(name).parts:
        raise PreparationFailed(f"{what} {name} is a directory: name a file inside the repository")
    found = _inside(place, below or place.directory, name, what)
    if not found.is_file():
        raise PreparationFailed(f"{what} {name} is not a file: name one in it")
    return found


def find_playbook(name: str, place: Place, below: Path | None = None) -> Path:
    return find_file(name, place, below, "Playbook")


def find_inventory(name: str, place: Place, below: Path | None = None) -> Path:
    """The inventory file, or directory of such files, at a path from `below` or the top on."""
    if not name.strip():
        raise PreparationFailed("The inventory names no file: choose one of the repository")
    return _inside(place, below or place.directory, name, "Inventory")


def located(name: str, place: Place, directory: Path, find: Callable[..., Path]) -> str:
    """A file's path as seen from the directory: it lies there, or is named from the top on.

    `find` is one of the functions above.
    """
    if directory.resolve() != place.directory.resolve():
        with suppress(PreparationFailed):
            find(name, place, directory)
            return name
    find(name, place)
    return os.path.relpath(place.directory.resolve() / name, directory.resolve())


def _inside(place: Place, below: Path, name: str, what: str) -> Path:
    """The real path of something that exists in the checkout, and not in its `.git`."""
    top, path = place.directory.resolve(), PurePosixPath(name)
    if "\0" in name or path.is_absolute() or ".." in path.parts or ".git" in path.parts[:1]:
        raise PreparationFailed(f"{what} {name} must be a path inside the repository")
    try:
        found = (below.resolve() / path).resolve(strict=True)
    except (OSError, RuntimeError) as error:  # missing, or links in a circle
        raise PreparationFailed(
            f"{what} {name} does not exist at {place.label}.{_similar(name, below)}"
        ) from error
    if not found.is_relative_to(top) or ".git" in found.relative_to(top).parts[:1]:
        raise PreparationFailed(f"{what} {name} is a link that leads out of the repository")
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
