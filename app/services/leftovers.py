"""What deleted repositories and projects have left on this machine's disk."""

import logging
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from sqlalchemy import select

from app.db import db, transaction
from app.extensions import settings
from app.lib.workspaces import remove_unlocked
from app.models import Project, Repository

logger = logging.getLogger(__name__)

# Names of copies (7-0123…), of pools of workspaces (7-0123…, local-7) and of the copies' locks.
_OWNED = re.compile(r"local-(\d{1,18})|(\d{1,18})-[0-9a-f]{16}(?:\.lock)?")


def remove() -> None:
    """Delete the copies and workspaces of repositories that no longer exist.

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


def _owned(top: Path) -> Iterator[tuple[Path, int]]:
    """What lies below `top`/<project>, with the id of the repository that it belongs to."""
    for path in sorted(top.glob("*/*")):
        if name := _OWNED.fullmatch(path.name):
            yield path.with_name(path.name.removesuffix(".lock")), int(name[1] or name[2])


def _remove(path: Path) -> None:
    beside = path.with_name(path.name + ".lock")
    try:
        if remove_unlocked(path, [*path.glob("*.lock"), *([beside] if beside.exists() else [])]):
            logger.info("removed what a repository has left", extra={"path": str(path)})
    except OSError as error:
        logger.warning("cannot be removed", extra={"path": str(path), "error": str(error)})
