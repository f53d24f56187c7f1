"""The worker's side: what was asked is looked up, noted, and told in words when it fails."""

from typing import Any

import pytest

from app.db import db, transaction
from app.extensions import settings
from app.models import Inventory, Repository
from app.services import probes, probing
from app.services.probe_kinds import inventories
from tests import factories
from tests.answers import ask, waiting


def look(kind: str, row: Any, **args: Any) -> probes.State:
    """Ask, and do what the worker's job does, in this process."""
    ask(kind, row, **args)
    job = waiting()[-1]
    probing.look(job.id, *job.args)
    return probes.state_of(kind, row, **args)


@pytest.fixture
def repository(project, repo) -> Repository:
    return factories.repository(project, git_url=f"file://{repo}")


def test_an_answer(repository: Repository) -> None:
    assert look("repository", repository).answer["branches"] == ["main"]


def test_scripts_are_those_that_the_tool_runs(repository: Repository) -> None:
    assert look("scripts", repository, app="bash").answer["names"] == ["hello.sh"]


def test_an_address_that_is_not_saved_yet(project, repository: Repository) -> None:
    args = {"url": repository.git_url, "key_id": repository.ssh_key_id, "branch": "main"}
    assert look("address", project, **args).answer["default"] == "main"


def test_a_failure_of_git_says_what_to_do(project, tmp_path) -> None:
    state = look("repository", factories.repository(project, git_url=f"file://{tmp_path}/no"))
    assert "There is no git repository at this address" in state.reason
    assert not state.temporary


def test_what_was_deleted_meanwhile_is_said(repository: Repository) -> None:
    key = ask("repository", repository)
    job = waiting()[0]
    with transaction():
        db.session.delete(repository)
    probing.look(job.id, *job.args)
    record = probes._read(key)[0]
    assert record and record["reason"] == probing.GONE


def test_a_workspace_has_no_hosts(project) -> None:
    inventory = factories.inventory(project, type="terraform-workspace", inventory="prod")
    assert look("inventory", inventory).reason == inventories.NO_HOSTS


def test_a_file_without_a_repository_says_what_to_choose(project) -> None:
    inventory = factories.inventory(project, type="file", inventory="hosts")
    assert look("inventory", inventory).reason == inventories.NO_REPOSITORY
    db.session.refresh(inventory)
    assert inventory.flaw == inventories.NO_REPOSITORY


def test_a_file_is_looked_for_where_a_template_uses_it(project, repository: Repository) -> None:
    inventory = factories.inventory(project, type="file", inventory="nope")
    factories.template(project, repository_id=repository.id, inventory_id=inventory.id)
    assert "Inventory nope does not exist at main" in look("inventory", inventory).reason


def test_numbers_are_kept_unless_it_was_changed_meanwhile(project) -> None:
    inventory = factories.inventory(project)
    found = {"host_count": 3, "group_count": 1}
    with transaction():
        inventories.INVENTORY.note(inventory.id, [7], found, "")
    db.session.refresh(inventory)
    assert inventory.checked is None
    with transaction():
        inventories.INVENTORY.note(inventory.id, [inventory.lock_version], found, "")
    row = db.session.get(Inventory, inventory.id, populate_existing=True)
    assert (row.host_count, row.group_count, row.flaw) == (3, 1, None)
    assert row.checked


def test_the_cache_is_measured_and_cleared(repository: Repository) -> None:
    look("tree", repository)
    worker = factories.worker()
    mirrors = settings().DATA_DIR / "mirrors" / str(repository.project_id)
    for clear in (False, True):
        with transaction(write=False):
            probes.ask("cache", repository, worker=worker, clear=clear)
        job = waiting(worker)[-1]
        probing.look(job.id, *job.args)
        answer = probes.state_of("cache", repository, worker=worker, clear=clear).answer
        assert (answer["bytes"] == 0, answer["busy"]) == (clear, False)
    assert not list(mirrors.glob(f"{repository.id}-*"))


def test_a_port_of_another_service_is_not_scanned(project) -> None:
    state = look("host", project, host="127.0.0.1", port=25)
    assert state.reason == "ssh is looked for at port 22 or 443, or from 1024 on"
