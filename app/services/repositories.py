"""Repositories: where the scripts of a project come from."""

from pathlib import Path

from sqlalchemy import select

from app.db import db
from app.errors import Invalid
from app.extensions import settings
from app.lib.git_local import LocalRules
from app.lib.git_urls import BadUrl, GitUrl, UrlKind
from app.models import AccessKey, Inventory, Project, Repository, Schedule, TaskTemplate, User
from app.schemas.repositories import RepositoryIn, url_of
from app.services import access_keys, events
from app.services.references import (
    Refs,
    count_change,
    get_owned,
    named,
    refs,
    refuse_in_use,
    remove,
    sorted_by,
)

SORTS = {"name": Repository.name, "git_url": Repository.git_url, "ssh_key": AccessKey.name}


def list_for(project: Project, *, sort: str = "", descending: bool = False) -> list[Repository]:
    query = select(Repository).filter_by(project_id=project.id).join(Repository.ssh_key)
    return list(db.session.scalars(query.order_by(*sorted_by(SORTS, sort, descending))))


def get(project: Project, repository_id: int) -> Repository:
    return get_owned(Repository, project, repository_id)


def create(project: Project, data: RepositoryIn, *, actor: User | None) -> Repository:
    """Raises Invalid, naming the field, for an unknown key and a directory that is not allowed."""
    repository = Repository(project_id=project.id)
    _fill(repository, project, data)
    db.session.add(repository)
    db.session.flush()  # The event below needs the id.
    events.record(project.id, actor, repository, "created")
    return repository


def update(
    project: Project,
    repository_id: int,
    data: RepositoryIn,
    *,
    actor: User | None,
) -> Repository:
    repository = get(project, repository_id)
    count_change(repository)
    _fill(repository, project, data)
    events.record(project.id, actor, repository, "updated")
    return repository


def delete(project: Project, repository_id: int, *, actor: User | None) -> None:
    """Raises InUse while templates, inventories or schedules refer to it."""
    repository = get(project, repository_id)
    refuse_in_use("Repository", refs_of(repository))
    events.record(project.id, actor, repository, "deleted")
    remove("Repository", repository)


def refs_of(repository: Repository) -> Refs:
    """Who uses the repository."""
    return refs(
        templates=named(TaskTemplate, TaskTemplate.repository_id == repository.id),
        inventories=named(Inventory, Inventory.repository_id == repository.id),
        schedules=named(Schedule, Schedule.repository_id == repository.id),
    )


def check(project: Project, data: RepositoryIn) -> AccessKey:
    """The key that git would use. Raises Invalid for an unknown one, or a forbidden directory."""
    key = access_keys.require(project, "ssh_key_id", data.ssh_key_id)
    _check_directory(url_of(data.git_url))
    return key


def _fill(repository: Repository, project: Project, data: RepositoryIn) -> None:
    key = check(project, data)
    repository.name = data.name
    repository.git_url = data.git_url
    repository.git_branch = data.git_branch
    repository.ssh_key_id = key.id


def _check_directory(url: GitUrl) -> None:
    """What lies on this machine is used only where the administrator allows it."""
    if not url.path:
        return
    config = settings()
    roots = tuple(Path(root) for root in config.LOCAL_REPOSITORIES)
    try:
        LocalRules(roots, hidden=(config.DATA_DIR,)).check(
            url.path, in_place=url.kind is UrlKind.LOCAL
        )
    except BadUrl as error:
        raise Invalid({"git_url": str(error)}) from error
