"""Where the state is: a run whose checkout goes away must not leave it there."""

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from app.executors.execution import Execution
from app.executors.spec import PreparationFailed
from app.executors.terraform_plans import read_below

OWN = ".terraform"  # the directory of the tool, with a note of the backend
NOTE = "terraform.tfstate"
LARGEST = 1 << 20  # bytes of the note
MOST_DIRECTORIES = 50_000  # that are looked at
LOST = (
    "The state would be a file in the checkout of this run, which is not kept: configure a backend "
    "in the repository, or let this server keep it (Override backend settings in the template). "
    "Nothing was applied"
)


def refuse_lost(execution: Execution, directory: Path, *, below: bool) -> None:
    """Raise PreparationFailed where the state would be gone with the checkout.

    `below`: the tool may have worked in directories of its own below this one.
    """
    if not execution.place.is_writable:
        return  # a directory of the machine that is used as it is keeps its state
    places = list(_worked_in(directory)) if below else [directory]
    if not places or not all(map(_is_kept, places)):
        raise PreparationFailed(LOST)


def _worked_in(directory: Path) -> Iterator[Path]:
    """The directories in which the tool was initialized; links are not followed."""
    for top, names, _ in islice(os.walk(directory), MOST_DIRECTORIES):
        if OWN in names:
            yield Path(top)
        names[:] = [name for name in names if name not in (OWN, ".git")]


def _is_kept(directory: Path) -> bool:
    """By terraform's note of its backend; without one there is no backend configured."""
    text = read_below(directory, (OWN, NOTE), LARGEST)
    with suppress(ValueError, AttributeError, RecursionError):
        backend = json.loads(text or b"{}").get("backend") or {}
        path = str((backend.get("config") or {}).get("path") or "")
        return bool(backend) and (backend.get("type") != "local" or Path(path).is_absolute())
    return False
