"""What repositories keep on this machine's disk, and what deleted ones have left there."""

import logging
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from sqlalchemy import select

from app.db import db, transaction
from app.executors import unused
from app.executors.isolation import CACHES
from app.executors.questions.inventories import FOLDER
from app.extensions import settings
from app.lib.workspaces import remove as delete
from app.lib.workspaces import remove_unlocked
from app.models import Project, Repository

logger = logging.getLogger(__name__)

DEAD_AFTER = 3600  # seconds after which nobody can still be looking
# Names of copies (7-0123…), of pools of workspaces (7-0123…, local-7) and of the copies' locks.
_OWNED = re.compile(r"local-(\d{1,18})|(\d{1,18})-[0-9a-f]{16}(?:\.lock)?")


def remove() -> None:
    """Delete the copies and workspaces of repositories that no longer exist, dead looks' files, and
    what was installed for runs that no longer ask for it.

    What somebody still holds is left for the next time. Call it outside a transaction: it takes
    as long as the disk takes.
    """
    data = settings().DATA_DIR.resolve()
    # First look, then ask: whoever makes a copy has committed its repository before.
    found = [*_owned(data / "mirrors"), *_owned(data / "workspaces")]
    with transaction(write=False):
        repositories = set(db.session.scalars(select(Repository.id)))
        projects = {str(project_id) for project_id in db.session.scalars(select(Project.id))}
    for path, repository_id in found:
        if repository_id not in repositories:
            _remove(path)
            if path.parent.name not in projects:
                with suppress(OSError):  # something else is in it still
                    path.parent.rmdir()
    _remove_dead_looks(data)
    _remove_unused(data, projects)


def owned_by(project_id: int, repository_id: int) -> list[Path]:
    """The copies and pools of workspaces that a repository has here, pools first."""
    data = settings().DATA_DIR.resolve()
    found = [*_owned(data / "workspaces"), *_owned(data / "mirrors")]
    mine = (str(project_id), repository_id)
    paths = [path for path, owner in found if (path.parent.name, owner) == mine]
    return list(dict.fromkeys(paths))  # a copy is found by its lock as well


def clear(path: Path) -> bool:
    """Delete a copy or a pool that nobody holds; whether it is gone."""
    return _remove(path)


def _remove_dead_looks(data: Path) -> None:
    for path in (data / FOLDER).glob("*"):
        with suppress(OSError):
            if path.stat().st_mtime < time.time() - DEAD_AFTER:
                delete(path)


def _remove_unused(data: Path, projects: set[str]) -> None:
    """What runs have installed: of projects that are gone all of it."""
    for name in CACHES:
        for cache in (data / name).glob("*"):
            with suppress(OSError):
                if cache.name.partition(".")[0] not in projects:
                    delete(cache)
                elif name in unused.FOLDERS:
                    unused.remove(cache)


def _owned(top: Path) -> Iterator[tuple[Path, int]]:
    """What lies below `top`/<project>, with the id of the repository that it belongs to."""
    for path in sorted(top.glob("*/*")):
        if name := _OWNED.fullmatch(path.name):
            yield path.with_name(path.name.removesuffix(".lock")), int(name[1] or name[2])


def _remove(path: Path) -> bool:
    beside = path.with_name(path.name + ".lock")
    try:
        if remove_unlocked(path, [*path.glob("*.lock"), *([beside] if beside.exists() else [])]):
            logger.info("removed what a repository has left", extra={"path": str(path)})
            return True
    except OSError as error:
        logger.warning("cannot be removed", extra={"path": str(path), "error": str(error)})
    return False
