"""The tightest limit of server, project, template and run ends a run, and says whose it was."""

from collections.abc import Iterator

import pytest

from app.db import transaction
from app.models import Project, TaskStatus
from tests.jobs.conftest import WorkerProcess, finishes, until
from tests.jobs.test_worker import gone, lines, said

pytestmark = [pytest.mark.processes]
SHORT, PLENTY = 6, 300  # the preparation counts as well


@pytest.fixture
def limits(request) -> tuple[int, int, int, int]:
    """Seconds that server, project, template and run allow; 0: as long as it takes."""
    return request.param


@pytest.fixture
def worker(app, limits) -> Iterator[WorkerProcess]:
    started = WorkerProcess(app, SEMAPHORE_MAX_TASK_DURATION_SEC=str(limits[0]))
    yield started
    started.end()


@pytest.mark.parametrize(
    ("limits", "whose"),
    [
        ((SHORT, 0, 0, 0), "server"),
        ((SHORT, PLENTY, PLENTY, PLENTY), "server"),
        ((0, SHORT, 0, 0), "project"),
        ((PLENTY, SHORT, PLENTY, 0), "project"),
        ((PLENTY, PLENTY, SHORT, PLENTY), "template"),
        ((0, 0, 0, SHORT), "run"),
        ((PLENTY, PLENTY, PLENTY, SHORT), "run"),
    ],
    indirect=["limits"],
)
def test_a_run_that_takes_too_long_ends_with_all_its_tree(
    worker, project: Project, script, start, limits, whose
) -> None:
    with transaction():
        project.max_duration = limits[1]
    text = "setsid sleep 300 & echo pid $!; echo pid $$; echo up; sleep 300"
    task = start(script(text, max_duration=limits[2]), max_duration=limits[3])
    until(lambda: said(task, "up"))
    assert finishes(task).status == TaskStatus.ERROR
    assert task.reason == f"The time limit of the {whose}, {SHORT} s, was reached"
    assert said(task, task.reason)
    pids = [int(line.split()[1]) for line in lines(task) if line.startswith("pid ")]
    assert len(pids) == 2 and all(gone(pid) for pid in pids)
