"""Hosts are counted by a real worker with a real Ansible, whatever a repository brings along."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from app.db import db, transaction
from app.lib.process_tree import descendants
from app.models import Inventory
from app.services import probes
from tests import factories
from tests.jobs.conftest import WorkerProcess, until

pytestmark = [pytest.mark.processes]

STUBBORN = """#!/bin/bash
trap '' TERM INT HUP
(setsid sh -c 'trap "" TERM INT HUP; echo $$ >> {pids}; exec sleep 300' >/dev/null 2>&1 &)
echo $$ >> {pids}
while :; do sleep 1; done
"""


def ask(row: Inventory) -> probes.State:
    with transaction(write=False):
        return probes.ask("inventory", row)


def settled(row: Inventory) -> Any:
    def ended() -> probes.State | None:
        state = ask(row)
        return None if state.is_pending else state

    return until(ended, 90)


def stored(row: Inventory) -> Any:
    return db.session.get(Inventory, row.id, populate_existing=True)


def test_hosts_are_counted_and_the_number_is_kept(worker, project) -> None:
    inventory = factories.inventory(project, inventory="[web]\na\nb\n")
    state = settled(inventory)
    assert [host["name"] for host in state.answer["hosts"]] == ["a", "b"]
    assert (stored(inventory).host_count, stored(inventory).group_count) == (2, 1)


def test_what_is_wrong_is_kept_as_well(worker, project) -> None:
    inventory = factories.inventory(project, inventory="[web]\na b\n")
    assert "Expected key=value" in settled(inventory).reason
    assert "Expected key=value" in stored(inventory).flaw


@pytest.fixture
def stubborn(project, tmp_path: Path) -> tuple[Inventory, Path]:
    """A script that ends for nobody, and the file with the pids of it and its daemon."""
    pids = tmp_path / "pids"
    path = factories.git_repository(tmp_path / "repo", hosts_sh=STUBBORN.format(pids=pids))
    (path / "hosts.sh").chmod(0o755)
    factories.commit(path, "Executable")
    repository = factories.repository(project, git_url=f"file://{path}")
    values = {"type": "file", "inventory": "hosts.sh", "repository_id": repository.id}
    return factories.inventory(project, **values), pids


def running(pids: Path) -> list[int]:
    return [int(pid) for pid in pids.read_text().split()] if pids.exists() else []


def gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


def test_a_script_that_never_ends_is_killed_with_its_daemons(worker, stubborn) -> None:
    inventory, pids = stubborn
    state = settled(inventory)
    assert (state.reason, state.temporary) == ("It took longer than 30 s.", True)
    assert len(running(pids)) == 2
    assert all(gone(pid) for pid in running(pids))
    assert stored(inventory).flaw is None


def horse_above(worker: WorkerProcess, pids: list[int]) -> int | None:
    """The work horse that has all these processes below it."""
    return next((pid for pid in worker.horses() if set(pids) <= set(descendants(pid))), None)


def test_so_it_is_when_the_look_itself_is_killed(worker, stubborn) -> None:
    inventory, pids = stubborn
    ask(inventory)
    until(lambda: len(running(pids)) == 2)
    # The daemon may be changing its parent just now, and a spare work horse come or go.
    os.kill(until(lambda: horse_above(worker, running(pids))), signal.SIGKILL)
    assert settled(inventory).reason == probes.DIED
    until(lambda: all(gone(pid) for pid in running(pids)))
