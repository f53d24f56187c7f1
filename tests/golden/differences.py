"""The differences that are known, from differences.toml, and how found ones are shown."""

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

FILE = Path(__file__).parent / "differences.toml"

Found = tuple[str, str]  # where: "keys 12", and what: "404 → 400"


def listed(file: Path = FILE) -> dict[Found, str]:
    """Each known difference with its reason. One that is listed twice is a ValueError."""
    known: dict[Found, str] = {}
    for rule in tomllib.loads(file.read_text())["rule"]:
        for what, places in rule["where"].items():
            for found in ((name, what) for place in places for name in _names(place)):
                if found in known:
                    raise ValueError(f"{found} is listed twice")
                known[found] = rule["reason"]
    return known


def _names(place: str) -> Iterator[str]:
    """The exchanges of "keys 0-3 5"."""
    group, *spans = place.split()
    for span in spans:
        first, _, last = span.partition("-")
        yield from (f"{group} {at}" for at in range(int(first), int(last or first) + 1))


def shown(found: Iterable[Found]) -> str:
    """Differences as lines of the file."""
    places: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for name, what in found:
        group, at = name.split()
        places[what][group].append(int(at))
    return "\n".join(
        f"'{what}' = {[f'{group} {_spans(sorted(at))}' for group, at in where.items()]}"
        for what, where in sorted(places.items())
    )


def _spans(numbers: list[int]) -> str:
    """0 1 2 3 5 as "0-3 5"."""
    starts = [n for n in numbers if n - 1 not in numbers]
    ends = [n for n in numbers if n + 1 not in numbers]
    return " ".join(
        str(first) if first == last else f"{first}-{last}"
        for first, last in zip(starts, ends, strict=True)
    )
