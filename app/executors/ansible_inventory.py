"""The hosts of a run: a text of ours, or a file of the repository or of another one."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Any, cast

from app.executors import git, inventory_prints
from app.executors.checkout import find_inventory, located
from app.executors.execution import Execution
from app.executors.spec import (
    InventorySpec,
    Place,
    PreparationFailed,
    Reporter,
    RepositorySpec,
    RunSpec,
)

TEXTS = {"static": "inventory", "static-yaml": "inventory.yml"}
FILE = "file"
OTHER = "inventory-repository"  # a link in the run's folder to the checkout of the other one


def arguments(spec: RunSpec, folder: PurePath) -> Iterator[str]:
    """`-i` and what it names; nothing for a run without hosts."""
    inventory = spec.inventory
    if inventory is None:
        return
    if inventory.type in TEXTS:
        yield from ("-i", str(folder / TEXTS[inventory.type]))
    elif inventory.type == FILE:
        other = folder / OTHER if inventory.repository else PurePath()
        yield from ("-i", str(other / inventory.text))


def write(execution: Execution, directory: Path) -> InventorySpec | None:
    """Put the hosts where `arguments` says; the inventory as that is to name it.

    Raises PreparationFailed where the file does not exist.
    """
    inventory, place = execution.spec.inventory, execution.place
    if inventory is None:
        return None
    if inventory.type in TEXTS:
        file = place.tmp / TEXTS[inventory.type]
        file.touch(mode=0o600)
        file.write_text(inventory.text)
        _tell(execution, inventory_prints.of_text(inventory.text))
    elif inventory.type != FILE:
        raise PreparationFailed(f"Inventory {inventory.name} is a workspace: it names no hosts")
    elif inventory.repository:
        found = _check_out(inventory.repository, execution)
        file = find_inventory(inventory.text, found)
        commit = {"commit": found.commit.hash} if found.commit else {}
        _tell(execution, inventory_prints.of_files(file, found.directory) | commit)
        (place.tmp / OTHER).symlink_to(found.directory)
    else:
        path = located(inventory.text, place, directory, find_inventory)
        file = (directory / path).resolve()
        _tell(execution, inventory_prints.of_files(file, place.directory))
        return replace(inventory, text=path)
    return inventory


def _tell(execution: Execution, prints: dict[str, Any]) -> None:
    execution.reporter.event("fact", name="inventory", value=prints)


def _check_out(repository: RepositorySpec, execution: Execution) -> Place:
    other = replace(execution.spec, repository=repository, git_branch="", commit="")
    reporter = cast(Reporter, _Beside(execution.reporter))
    found = git.place(other, reporter, execution.watch.check)
    place = execution.closing.enter_context(found)
    execution.hold(place)
    return place


class _Beside:
    """A reporter that does not take the inventory's commit for the one that is run."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter

    def commit(self, hash: str, message: str) -> None:
        """The other repository's commit is in the log; the run's own is kept."""

    def __getattr__(self, name: str) -> object:
        return getattr(self._reporter, name)
