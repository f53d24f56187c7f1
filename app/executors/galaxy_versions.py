"""Which roles and collections a run has: as ansible-galaxy notes them where it installs."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from app.lib import plain_file

MOST = 300  # of each kind
LARGEST = 1 << 20  # bytes of a note
NAME = re.compile(r"[\w.-]{1,200}")
VERSION = re.compile(r"[\w.+*/-]{1,100}")
_ROLE = re.compile(r"^version:\s*['\"]?([\w.+*/-]{1,100})", re.MULTILINE)


def of(kind: str, place: Path) -> dict[str, str]:
    """Names and versions of what lies in a place of galaxy.install; "" where none is noted."""
    read = _collections if kind == "collection" else _roles
    found: dict[str, str] = {}
    with suppress(OSError):
        for name, version in read(place):
            if len(found) < MOST and NAME.fullmatch(name):
                found[f"{kind} {name}"] = version if VERSION.fullmatch(version) else ""
    return found


def _collections(place: Path) -> Iterator[tuple[str, str]]:
    for space in sorted(place.glob("ansible_collections/*")):
        for folder in sorted(space.glob("*")) if space.is_dir() else ():
            if folder.is_dir() and not space.name.endswith(".info"):
                yield f"{space.name}.{folder.name}", _of_manifest(folder / "MANIFEST.json")


def _of_manifest(file: Path) -> str:
    with suppress(ValueError, RecursionError):
        told: Any = json.loads(_text(file) or "{}")
        info = told.get("collection_info") if isinstance(told, dict) else None
        return str(info.get("version", "")) if isinstance(info, dict) else ""
    return ""


def _roles(place: Path) -> Iterator[tuple[str, str]]:
    for folder in sorted(place.glob("*")):
        if folder.is_dir():
            found = _ROLE.search(_text(folder / "meta" / ".galaxy_install_info"))
            yield folder.name, found[1] if found else ""


def _text(file: Path) -> str:
    """What a task of the project may have written there."""
    return (plain_file.read(file, LARGEST) or b"").decode(errors="replace")
