"""What a repository keeps on the machines of the workers, so that runs need not clone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select

from app.db import db
from app.models import Project, Repository, User, Worker
from app.services import events, probes, workers

LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Cache:
    """The state of what a machine has; its answer is {"bytes", "busy"}."""

    host: str
    state: probes.State


def of(repository: Repository) -> list[Cache]:
    """What each machine has; those that were not asked within the last minute are asked now."""
    return [Cache(worker.host, _newest(repository, worker.id)) for worker in _machines()]


def clear(repository: Repository, *, actor: User) -> None:
    """Have every machine delete the copies and the workspaces that no run uses."""
    for worker in _machines():
        probes.ask("cache", repository, worker=worker.id, again=True, clear=True)
    events.record(repository.project_id, actor, repository, "relieved of its copies")


def clear_all(project: Project, *, actor: User) -> None:
    """The same for every repository of a project."""
    for repository in db.session.scalars(select(Repository).filter_by(project_id=project.id)):
        clear(repository, actor=actor)


def clear_everything(*, actor: User) -> None:
    """The same for every repository of this server."""
    for repository in db.session.scalars(select(Repository)):
        clear(repository, actor=actor)


def _newest(repository: Repository, worker_id: str) -> probes.State:
    """The answer to the last question: for what there is, or to clear it."""
    cleared = probes.state_of("cache", repository, worker=worker_id, clear=True)
    if cleared.is_pending:
        return cleared
    found = probes.ask("cache", repository, worker=worker_id, clear=False)
    return cleared if (cleared.at or LONG_AGO) > (found.at or LONG_AGO) else found


def _machines() -> Iterator[Worker]:
    """One worker of each host: they share its disk."""
    seen = set()
    for worker in workers.online():
        if worker.host not in seen:
            seen.add(worker.host)
            yield worker
