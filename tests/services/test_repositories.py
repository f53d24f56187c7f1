from pathlib import Path

import pytest

from app.errors import InUse, Invalid
from app.extensions import settings
from app.models import AccessKey, Project
from app.schemas.repositories import RepositoryIn
from app.services import repositories
from tests import factories


@pytest.fixture
def key(project: Project) -> AccessKey:
    return factories.access_key(project)


def given(key: AccessKey, **values: object) -> RepositoryIn:
    good = {"name": "R", "git_url": "https://git.example.test/r.git", "git_branch": "main"}
    return RepositoryIn.model_validate(good | {"ssh_key_id": key.id} | values)


def test_a_repository_is_stored_with_an_event(project: Project, key: AccessKey) -> None:
    made = repositories.create(project, given(key), actor=None)
    assert repositories.get(project, made.id).git_url == "https://git.example.test/r.git"


def test_its_key_belongs_to_the_project(project: Project) -> None:
    foreign = factories.access_key(factories.project("Other"))
    for data in (given(foreign), given(foreign, ssh_key_id=0)):
        with pytest.raises(Invalid) as refused:
            repositories.create(project, data, actor=None)
        assert list(refused.value.fields) == ["ssh_key_id"]


def test_the_servers_own_data_is_no_repository(
    project: Project, key: AccessKey, tmp_path: Path
) -> None:
    data = settings().DATA_DIR
    (tmp_path / "link").symlink_to(data)
    for url in (f"{data}/mirrors", f"file://{data}", str(tmp_path / "link"), "/"):
        with pytest.raises(Invalid) as refused:
            repositories.create(project, given(key, git_url=url), actor=None)
        assert list(refused.value.fields) == ["git_url"]


def test_other_directories_may_be_used(project: Project, key: AccessKey, repo: Path) -> None:
    assert repositories.create(project, given(key, git_url=str(repo)), actor=None).id


def test_a_change_counts_versions_for_open_forms(project: Project, key: AccessKey) -> None:
    made = repositories.create(project, given(key), actor=None)
    repositories.update(project, made.id, given(key, git_branch="dev"), actor=None)
    assert (made.git_branch, made.lock_version) == ("dev", 1)


def test_a_repository_in_use_is_not_deleted(project: Project, key: AccessKey) -> None:
    by_template = factories.template(project).repository
    by_file = repositories.create(project, given(key), actor=None)
    factories.inventory(project, type="file", repository_id=by_file.id)
    for repository in (by_template, by_file):
        with pytest.raises(InUse, match="Repository is in use by one or more templates"):
            repositories.delete(project, repository.id, actor=None)


def test_repositories_are_sorted_by_their_keys_name_too(project: Project) -> None:
    for name, key_name in (("a", "zed"), ("b", "alpha")):
        key = factories.access_key(project, key_name)
        repositories.create(project, given(key, name=name), actor=None)
    assert [r.name for r in repositories.list_for(project, sort="ssh_key")] == ["b", "a"]
    assert [r.name for r in repositories.list_for(project)] == ["a", "b"]
