"""Digests of the hosts that a run uses: two runs with the same ones had the same files."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MOST_FILES, MOST_BYTES = 500, 20 << 20  # that are read; of more it is said that there is more
BESIDE = ("group_vars", "host_vars")  # what ansible reads with an inventory


def of_text(text: str) -> dict[str, Any]:
    """Of an inventory that is kept with us."""
    return {"hash": hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()}


def of_files(path: Path, top: Path) -> dict[str, Any]:
    """Of an inventory of a checkout, a file or a directory, and of the variables beside it.

    `files` are digests by their path from the `top`; links that lead out of it are left out.
    """
    top, found, size = top.resolve(), dict[str, str](), 0
    for file in sorted(_files(path)):
        real = file.resolve()
        if not real.is_relative_to(top) or not real.is_file():
            continue
        size += real.stat().st_size
        if len(found) >= MOST_FILES or size > MOST_BYTES:
            return {"files": found, "hash": _together(found), "partial": True}
        found[os.path.relpath(file, top)] = hashlib.sha256(real.read_bytes()).hexdigest()
    return {"files": found, "hash": _together(found)}


def _files(path: Path) -> Iterator[Path]:
    yield from _below(path) if path.is_dir() else (path,)
    folder = path if path.is_dir() else path.parent
    for name in BESIDE:
        if not path.is_dir():
            yield from _below(folder / name)


def _below(folder: Path) -> Iterator[Path]:
    for directory, below, names in os.walk(folder):
        below[:] = [name for name in below if name != ".git"]
        yield from (Path(directory, name) for name in names)


def _together(found: dict[str, str]) -> str:
    return hashlib.sha256(repr(sorted(found.items())).encode()).hexdigest()
