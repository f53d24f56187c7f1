"""What a repository keeps on the disk of one worker's machine, and how it is cleared."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.executors.questions import Look, Question
from app.models import Repository
from app.services import leftovers
from app.services.probe_kinds.base import ProbeKind

LIMIT = 30.0  # seconds: there may be many files


@dataclass(frozen=True)
class Cache:
    """{"bytes": left on the disk, "busy": whether a run uses it, so that it was not cleared}."""

    project_id: int
    repository_id: int
    clear: bool

    def answer(self, look: Look) -> dict[str, Any]:
        paths, busy = leftovers.owned_by(self.project_id, self.repository_id), False
        for path in paths if self.clear else []:
            look.check()
            # Pools come first: a copy whose objects a run has borrowed must stay.
            busy = busy or not leftovers.clear(path)
            if busy:
                break
        return {"bytes": sum(_size(path, look) for path in paths), "busy": busy}


def _size(top: Path, look: Look) -> int:
    """The bytes that a tree takes, as far as it can be read; links are not followed."""
    total = 0
    for directory, below, names in os.walk(top):
        look.check()
        for name in (*below, *names):
            try:
                total += Path(directory, name).lstat().st_blocks * 512
            except OSError:
                continue
    return total


def _cache(repository: Repository, clear: bool = False) -> Question:
    return Cache(repository.project_id, repository.id, clear)


def _no_versions(repository: Repository, **_: Any) -> list[int]:
    """What was cached for an address stays there when the address changes."""
    return []


CACHE = ProbeKind(Repository, _cache, _no_versions, limit=LIMIT)
