"""How many resources a plan does something to, in words. The keys are those of PlanChanges."""

from collections.abc import Mapping

OUTPUT = "output"
TO_DO = {
    "create": "to create",
    "update": "to change",
    "replace": "to replace",
    "delete": "to destroy",
    "forget": "to forget",
    "move": "to move",
    "import": "to import",
    "read": "to read",
    "other": "of another kind",
}


def sentence(counts: Mapping[str, int] | None) -> str:
    """ "3 to create, 1 to destroy, 2 outputs"; "" where nothing is known."""
    known = counts or {}
    said = [f"{known[name]:,} {words}" for name, words in TO_DO.items() if known.get(name)]
    if count := known.get(OUTPUT):
        said.append(f"{count:,} output{'s' if count > 1 else ''}")
    return ", ".join(said)


def destroyed(counts: Mapping[str, int] | None) -> int:
    """How many resources are gone afterwards, those among them that are made anew."""
    return sum((counts or {}).get(name, 0) for name in ("delete", "replace"))
