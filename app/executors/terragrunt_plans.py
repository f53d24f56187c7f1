"""The plans of several units as one: kept together, approved together, and shown as one list."""

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from app.executors import terraform_plans, terraform_show
from app.executors.checkout import find_directory
from app.executors.execution import Execution
from app.executors.saved_plan import SavedPlan
from app.executors.spec import Command, Place, PreparationFailed
from app.executors.terraform_plans import LARGEST, LOCK, Folder
from app.lib.plan_changes import MOST_CHANGES, PlanChanges
from app.lib.workspaces import remove

PLANS = "plans"  # in the run's own folder: what the tool calls its out-dir
TOLD = "told"  # … its json-out-dir: what each plan would do
ENDING = ".tfplan"
MOST_UNITS = 200
UNORDERED = "The tool does not tell in which order the units are to be destroyed"

Files = Mapping[str, bytes]  # by path, from the directory on


def saved(folder: Folder, directory: Path) -> SavedPlan:
    """All plans that the tool has saved, with what locks the providers of each unit.

    Raises PreparationFailed where there is none, or too much.
    """
    plans = {name: data for name, data in folder.below(PLANS) if name.endswith(ENDING)}
    if not plans or len(plans) > MOST_UNITS:
        raise PreparationFailed(f"{len(plans)} plans were saved: from 1 to {MOST_UNITS} are taken")
    locks = {unit: data for unit in units(plans) if (data := _lock(directory, unit))}
    packed = _packed(plans)
    if len(packed) > LARGEST:
        raise PreparationFailed(f"The plans of all units are larger than {LARGEST >> 20} MB")
    return SavedPlan(packed, hashlib.sha256(packed).hexdigest(), _packed(locks))


def restore(plan: SavedPlan, place: Place, directory: Path) -> None:
    """Put the plans where they are applied from; nothing of the repository has run yet."""
    for name, data in _unpacked(plan.data):
        path = place.tmp / PLANS / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        terraform_plans.write(path, data)
    for unit, data in _unpacked(plan.lock):
        below = find_directory(unit, place, directory, "Unit") if unit != "." else directory
        terraform_plans.write(below / LOCK, data)


def units(plans: Iterable[str]) -> list[str]:
    """The directories that the plans are of."""
    return sorted({_unit(name) for name in plans})


def _unit(name: str) -> str:
    return str(PurePosixPath(name).parent)


def destroying(
    execution: Execution, start: Command, program: Sequence[str], folder: Path
) -> list[tuple[str, str]]:
    """The units that have plans to destroy and the files of these, what needs others first.

    `folder` holds all plans. Raises PreparationFailed where the tool does not tell the order.
    """
    files = {str(path.parent.relative_to(folder)): path for path in folder.rglob(f"*{ENDING}")}
    argv = [*program, "find", "--queue-construct-as=destroy", "--json"]
    try:
        told = json.loads(terraform_show.asked(execution, start, argv) or b"[]")
        order = [unit for one in told if (unit := str(one["path"])) in files]
    except (ValueError, TypeError, KeyError) as error:
        raise PreparationFailed(f"{UNORDERED}: {str(error)[:200]}") from error
    if missing := sorted(files.keys() - set(order)):
        raise PreparationFailed(f"{UNORDERED}: it does not name {missing[0]}")
    return [(unit, str(files[unit].relative_to(folder))) for unit in order]


def changes(execution: Execution, folder: Folder) -> PlanChanges | None:
    """What all plans would do, as the tool has told it of each; None where that lacks one.

    What it has told is in clear: it is removed here, before anything is applied.
    """
    found: dict[str, PlanChanges | None] = {}
    for name, data in folder.below(TOLD, terraform_show.LARGEST):  # one is in memory at a time
        found[_unit(name)] = terraform_show.read(execution, data)
    remove(execution.place.tmp / TOLD)
    planned = units(name for name, _ in folder.below(PLANS) if name.endswith(ENDING))
    told = {unit: one for unit in planned if (one := found.get(unit)) is not None}
    if len(told) < len(planned):
        execution.reporter.line(terraform_show.UNTOLD)
        return None
    return merged(told)


def merged(found: Mapping[str, PlanChanges]) -> PlanChanges:
    """The changes of all units, each address with its unit in front."""
    counts: Counter[str] = Counter()
    changes = []
    for unit, told in sorted(found.items()):
        counts.update(told.counts)
        changes += [replace(one, address=f"{unit}: {one.address}") for one in told.changes]
    return PlanChanges(tuple(changes[:MOST_CHANGES]), dict(counts))


def _lock(directory: Path, unit: str) -> bytes | None:
    return terraform_plans.read_below(directory, (*PurePosixPath(unit).parts, LOCK), LARGEST)


def _packed(files: Files) -> bytes:
    """The same files always give the same bytes: their hash is what people approve."""
    texts = {name: base64.b64encode(data).decode() for name, data in files.items()}
    return json.dumps(texts, sort_keys=True, separators=(",", ":")).encode()


def _unpacked(packed: bytes) -> Iterator[tuple[str, bytes]]:
    for name, text in json.loads(packed or b"{}").items():
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts:
            raise PreparationFailed(f"The plan names {name[:80]}, which is no unit")
        yield name, base64.b64decode(text)
