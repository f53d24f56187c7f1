"""A real worker answers what pages ask: by git, in time, and never not at all."""

import json
import os
import signal
import socket
from typing import Any

import pytest

from app.db import transaction
from app.lib.process_tree import descendants
from app.services import probes, secrets
from tests import factories
from tests.jobs.conftest import WorkerProcess, until
from tests.slow_keys import slow_key

pytestmark = [pytest.mark.processes]


def ask(kind: str, row: Any, **args: Any) -> probes.State:
    with transaction(write=False):
        return probes.ask(kind, row, **args)


def settled(kind: str, row: Any, **args: Any) -> probes.State:
    """Ask, and wait for the end."""
    ask(kind, row, **args)

    def ended() -> probes.State | None:
        state = probes.state_of(kind, row, **args)
        return None if state.is_pending else state

    return until(ended)


@pytest.fixture
def repository(project, repo):
    return factories.repository(project, git_url=f"file://{repo}")


def test_a_repository_tells_its_branches(worker, repository, repo) -> None:
    factories.git("branch", "next", cwd=repo)
    state = settled("repository", repository)
    assert state.is_done, state.reason
    assert state.answer["branches"] == ["main", "next"]
    assert state.answer["default"] == "main"
    assert state.answer["commit"] == factories.git("rev-parse", "main", cwd=repo)


def test_one_that_is_not_there_says_what_to_do(worker, project, tmp_path) -> None:
    state = settled("repository", factories.repository(project, git_url=f"file://{tmp_path}/no"))
    assert state.has_failed and not state.temporary
    assert "Check the spelling" in state.reason


def test_files_are_listed_without_a_checkout(worker, repository, app) -> None:
    workspaces = app.config["HELIOGRAPH"].DATA_DIR / "workspaces"
    before = set(workspaces.rglob("*"))  # of the tests that have run here
    state = settled("tree", repository)
    assert [entry["name"] for entry in state.answer["entries"]] == ["hello.sh"]
    assert state.answer["message"] == "First"
    assert set(workspaces.rglob("*")) <= before


def test_an_answer_is_given_to_all_who_ask_and_anew_after_a_change(
    worker, repository, repo
) -> None:
    first = settled("repository", repository)
    factories.git("branch", "next", cwd=repo)
    assert ask("repository", repository) == first
    with transaction():
        repository.lock_version += 1
    assert settled("repository", repository).answer["branches"] == ["main", "next"]


def test_it_is_answered_while_all_slots_are_busy(worker, script, start, repository) -> None:
    for _ in range(2):
        start(script("sleep 300"))
    until(lambda: sum(bool(descendants(pid)) for pid in worker.horses()) == 2)
    assert settled("repository", repository).is_done


SILENT = "git://127.0.0.1:{}/silent"  # accepts connections and says nothing


@pytest.fixture
def silent(project):
    """A repository on a server that never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = SILENT.format(server.getsockname()[1])
        yield factories.repository(project, git_url=url)


def test_a_server_that_never_answers_is_given_up_in_time(worker, silent) -> None:
    state = settled("repository", silent)
    assert (state.reason, state.temporary) == ("It took longer than 10 s.", True)
    assert no_git_below(worker)


def test_what_hears_no_signal_is_killed_with_its_time_over(worker, project, tmp_path) -> None:
    key = factories.access_key(project, "Slow", type="ssh")
    with transaction():
        secrets.seal(key, json.dumps({"private_key": slow_key(tmp_path, "x"), "passphrase": "x"}))
    assert settled("key", key).reason == probes.DIED
    assert settled("repository", factories.repository(project, git_url="heliograph:demo")).is_done


def test_a_look_that_is_killed_has_failed(worker, silent) -> None:
    ask("repository", silent)
    os.kill(until(lambda: horse_with_git(worker)), signal.SIGKILL)
    assert settled("repository", silent).reason == probes.DIED
    until(lambda: no_git_below(worker))


def test_a_worker_that_shuts_down_leaves_nobody_waiting(worker, silent) -> None:
    ask("repository", silent)
    until(lambda: horse_with_git(worker))
    worker.terminate()
    assert worker.process.wait(60) == 0
    assert settled("repository", silent).reason == probes.DIED


def test_without_a_worker_the_state_says_so(repository) -> None:
    assert ask("repository", repository).reason == probes.NO_WORKER
    assert probes.state_of("repository", repository).reason == probes.NO_WORKER


def test_what_was_asked_before_the_worker_came_is_answered(app, repository) -> None:
    ask("repository", repository)
    started = WorkerProcess(app)
    try:
        assert settled("repository", repository).is_done
    finally:
        started.end()


def test_the_queue_holds_ids_only(repository, app) -> None:
    ask("repository", repository)
    (job,) = probes.queue(probes.queue_name()).jobs
    kind, row_id, versions, args = job.args[1:]
    assert (kind, row_id, versions, args) == ("repository", repository.id, [0, 0], {})


def horse_with_git(worker: WorkerProcess) -> int | None:
    return next((pid for pid in worker.horses() if is_git_below(pid)), None)


def is_git_below(pid: int) -> bool:
    return any(command(child).startswith("git") for child in descendants(pid))


def no_git_below(worker: WorkerProcess) -> bool:
    return not is_git_below(worker.process.pid)


def command(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/cmdline") as file:
            return file.read().replace("\0", " ")
    except OSError:
        return ""
