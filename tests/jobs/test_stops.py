"""A stop ends a run at every step: in the queue, while git works, while roles are installed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.db import transaction
from app.lib.process_tree import descendants
from app.models import Project, Task, TaskStatus, TaskTemplate
from app.services import tasks
from tests import factories
from tests.jobs.conftest import WorkerProcess, finishes, reaches, until
from tests.jobs.test_worker import gone, said

S = TaskStatus
pytestmark = [pytest.mark.processes]


@pytest.fixture
def patient(app) -> Iterator[WorkerProcess]:
    """A worker whose grace is longer than any test: what ends, ends because it was told to."""
    started = WorkerProcess(app, HELIOGRAPH_STOP_GRACE="120")
    yield started
    started.end()


def stop(project: Project, task: Task, **how: bool) -> None:
    with transaction():
        tasks.stop(project, task.id, actor=None, **how)


def work_of(worker: WorkerProcess) -> list[int]:
    """Everything below the work horse that runs something."""
    return descendants(worker.horse())


@pytest.fixture
def hanging(request, project, mute, tmp_path: Path) -> TaskTemplate:
    """A template that prepares for ever: its git, or that of ansible-galaxy, gets no answer."""
    if request.param == "clone":
        repository = factories.repository(project, git_url=f"{mute}/app.git")
        return factories.template(project, playbook="run.sh", repository_id=repository.id)
    kind = request.param
    wanted = {
        "roles": f"roles:\n  - {{src: '{mute}/role.git', scm: git, name: base}}\n",
        "collections": f"collections:\n  - {{name: '{mute}/c.git', type: git}}\n",
    }[kind]
    path = factories.git_repository(tmp_path / "repo", site_yml="- hosts: all\n")
    (path / "requirements.yml").write_text(wanted)
    (path / "site.yml").write_text("- hosts: all\n")
    factories.git("add", "-A", cwd=path)
    factories.git("commit", "-q", "-m", "Needs", cwd=path)
    repository = factories.repository(project, git_url=f"file://{path}")
    inventory = factories.inventory(project, inventory="here ansible_connection=local")
    return factories.template(
        project, app="ansible", playbook="site.yml", repository_id=repository.id,
        inventory_id=inventory.id,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("hanging", "force"),
    [("clone", False), ("clone", True), ("roles", False), ("collections", True)],
    indirect=["hanging"],
)
def test_what_prepares_for_ever_ends_with_the_stop(patient, project, start, hanging, force) -> None:
    task = reaches(start(hanging), S.STARTING)
    until(lambda: any(name(pid).startswith("git") for pid in work_of(patient)))
    working = work_of(patient)
    stop(project, task, force=force)
    assert finishes(task).status == S.STOPPED
    until(lambda: all(gone(pid) for pid in working))


def name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text()
    except OSError:
        return ""


def test_what_waits_is_stopped_at_once_and_never_runs(
    worker, project, script, start, tmp_path
) -> None:
    template = script(f"echo $$ >> {tmp_path}/ran; echo up; sleep 300")
    first = start(template)
    until(lambda: said(first, "up"))
    second = start(template)
    stop(project, second)
    assert reaches(second, S.STOPPED).start is None
    stop(project, first, force=True)
    assert finishes(first).status == S.STOPPED
    assert finishes(start(script("true"))).status == S.SUCCESS
    assert len((tmp_path / "ran").read_text().split()) == 1


ESCAPES = {
    "double fork": '(setsid sh -c "echo \\$\\$ >> {pids}; exec sleep 300" &)',
    "double fork without its output": '(setsid sh -c "echo \\$\\$ >> {pids}; exec sleep 300" '
    ">/dev/null 2>&1 </dev/null &)",
    "deaf": "trap '' TERM INT HUP",
    "stopped": 'sh -c "echo \\$\\$ >> {pids}; kill -STOP \\$\\$" &',
}


@pytest.mark.parametrize("escape", ESCAPES)
def test_a_forced_stop_reaches_what_tries_to_escape(
    patient, project, script, start, tmp_path, escape
) -> None:
    pids = tmp_path / "pids"
    text = ESCAPES[escape].format(pids=pids)
    task = start(script(f"{text}\necho $$ >> {pids}; sleep 0.3; echo up; sleep 300"))
    until(lambda: said(task, "up"))
    stop(project, task, force=True)
    assert finishes(task).status == S.STOPPED and said(task, "up")
    assert all(gone(int(pid)) for pid in pids.read_text().split())


def test_a_tree_that_ends_itself_but_leaves_its_pipe_open_is_over(
    worker, script, start, tmp_path
) -> None:
    """A daemon that holds the output neither keeps the run alive nor survives it."""
    pids = tmp_path / "pids"
    task = finishes(start(script(f"setsid sh -c 'echo $$ > {pids}; exec sleep 300' & sleep 0.3")))
    assert task.status == S.SUCCESS
    assert gone(int(pids.read_text()))
