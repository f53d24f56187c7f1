"""A real worker runs real scripts: to their end, to a stop, through the death of every part."""

import os
import signal
from pathlib import Path

import pytest

from app.db import transaction
from app.extensions import queue
from app.lib.process_tree import descendants
from app.models import Task, TaskStatus
from app.services import dispatch, task_output, tasks, workers
from tests.jobs.conftest import WorkerProcess, finishes, reaches, until

S = TaskStatus
pytestmark = [pytest.mark.processes]


def lines(task: Task) -> list[str]:
    return task_output.lines(task, 0, 2000).lines


def said(task: Task, text: str) -> bool:
    return any(text in line for line in lines(task))


def gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


def stop(project, task: Task, **how: bool) -> None:
    with transaction():
        tasks.stop(project, task.id, actor=None, **how)


def test_a_script_runs_to_its_end_with_every_line(worker, script, start) -> None:
    task = finishes(start(script("for i in $(seq 5000); do echo line $i; done")))
    assert (task.status, task.reason) == (S.SUCCESS, None)
    assert task.end >= task.start >= task.created
    printed = b"".join(task_output.raw(task)).decode().split("\n")
    assert [line for line in printed if line.startswith("line ")] == [
        f"line {n}" for n in range(1, 5001)
    ]


def test_a_script_that_fails_says_how(worker, script, start) -> None:
    task = finishes(start(script("echo before; exit 3")))
    assert (task.status, task.reason) == (S.ERROR, "run.sh ended with exit code 3")
    assert said(task, "before")


def test_a_script_that_does_not_exist_says_what_to_do(worker, script, start) -> None:
    template = script("true")
    with transaction():
        template.playbook = "rum.sh"
    task = finishes(start(template))
    assert task.status == S.ERROR
    assert "Script rum.sh does not exist" in task.reason
    assert "Similar: run.sh" in task.reason
    assert said(task, task.reason)


def test_the_task_knows_itself_and_nothing_of_the_server(worker, script, start, app) -> None:
    task = finishes(start(script("env | sort"), message="hello world"))
    text = "\n".join(lines(task))
    assert f"SEMAPHORE_TASK_DETAILS_ID={task.id}" in text
    assert "SEMAPHORE_TASK_DETAILS_MESSAGE=hello world" in text
    config = app.config["HELIOGRAPH"]
    for secret in (config.SECRET_KEY, config.REDIS_URL, "DATABASE_URL", "HELIOGRAPH_DATA_DIR"):
        assert secret not in text


def test_the_commit_is_recorded(worker, script, start) -> None:
    task = finishes(start(script("git rev-parse HEAD")))
    assert task.commit_message == "First"
    assert said(task, task.commit_hash)


def test_runs_of_one_template_wait_for_each_other(worker, script, start, tmp_path) -> None:
    template = script(f"echo start >> {tmp_path}/log; sleep 0.3; echo end >> {tmp_path}/log")
    for task in [start(template) for _ in range(3)]:
        assert finishes(task).status == S.SUCCESS
    assert (tmp_path / "log").read_text().split() == ["start", "end"] * 3


def test_a_stopped_script_may_clean_up(worker, script, start, project) -> None:
    task = start(script("trap 'echo cleaning; exit 0' TERM; echo up; while :; do sleep 0.1; done"))
    until(lambda: said(task, "up"))
    stop(project, task)
    assert finishes(task).status == S.STOPPED
    assert said(task, "cleaning")


STUBBORN = """
trap '' TERM INT
setsid sleep 300 & echo $! >> {pids}
(setsid sh -c 'trap "" TERM INT HUP; echo $$ >> {pids}; sleep 300' &)
echo $$ >> {pids}; echo up
while :; do sleep 1; done
"""


def test_a_forced_stop_leaves_nothing_of_a_stubborn_tree(
    worker, script, start, project, tmp_path
) -> None:
    task = start(script(STUBBORN.format(pids=tmp_path / "pids")))
    until(lambda: said(task, "up"))
    stop(project, task, force=True)
    assert finishes(task).status == S.STOPPED
    pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
    assert len(pids) == 3
    assert all(gone(pid) for pid in pids)


def test_a_stop_ends_a_stubborn_script_after_the_grace(app, script, start, project) -> None:
    worker = WorkerProcess(app, HELIOGRAPH_STOP_GRACE="1")
    try:
        task = start(script("trap '' TERM; echo up; while :; do sleep 1; done"))
        until(lambda: said(task, "up"))
        stop(project, task)
        assert finishes(task).status == S.STOPPED
    finally:
        worker.end()


def test_a_time_limit_ends_the_run_with_its_reason(worker, script, start) -> None:
    task = finishes(start(script("echo up; sleep 300", max_duration=1)))
    assert task.status == S.ERROR
    assert task.reason == "The time limit of the template, 1 s, was reached"
    assert said(task, "up")


def test_on_a_full_disk_a_task_waits_until_there_is_room(app, script, start) -> None:
    task = start(script("echo ran"))
    full = WorkerProcess(app, HELIOGRAPH_MIN_FREE_MB="1000000000")
    try:
        until(lambda: queue(dispatch.queue_name("")).count == 0 and workers.online())
        assert reaches(task, S.WAITING).claim is None
    finally:
        full.end()
    roomy = WorkerProcess(app)
    try:
        assert finishes(task).status == S.SUCCESS
    finally:
        roomy.end()


class TestDeath:
    """SIGKILL of one part while a script runs."""

    @pytest.fixture
    def running(self, worker, script, start) -> Task:
        task = start(script("echo up; sleep 300"))
        until(lambda: said(task, "up"))
        return reaches(task, S.RUNNING)

    def test_of_the_work_horse(self, worker, running) -> None:
        (tool,) = [p for p in self.below(worker.horse()) if self.command(p).startswith("bash")]
        os.kill(worker.horse(), signal.SIGKILL)
        task = finishes(running)
        assert task.status == S.ERROR
        assert task.reason.startswith("The worker on ")
        assert said(task, "up")
        until(lambda: gone(tool))

    def test_of_the_guardian(self, worker, running) -> None:
        guardian = self.below(worker.horse())[0]
        os.kill(guardian, signal.SIGKILL)
        task = finishes(running)
        assert task.status == S.ERROR
        assert said(task, "up")

    def test_of_slot_and_horse_together(self, worker, running) -> None:
        horse = worker.horse()
        for pid in (next(s for s in worker.slots if horse in self.below(s)), horse):
            os.kill(pid, signal.SIGKILL)
        assert finishes(running).status == S.ERROR

    def test_of_slot_and_horse_where_the_template_starts_again(
        self, worker, script, start, tmp_path
    ) -> None:
        once = f"if mkdir {tmp_path}/seen; then echo first; sleep 300; fi; echo second"
        task = start(script(once, rerun_if_lost=True))
        until(lambda: said(task, "first"))
        os.kill(worker.horse(), signal.SIGKILL)
        assert finishes(task).status == S.SUCCESS
        assert said(task, "first")
        assert said(task, "second")

    @staticmethod
    def below(pid: int) -> list[int]:
        return descendants(pid)

    @staticmethod
    def command(pid: int) -> str:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")


class TestShutdown:
    def test_what_runs_may_finish_and_what_waits_stays(self, worker, script, start) -> None:
        running = start(script("echo up; sleep 1; echo done"))
        until(lambda: said(running, "up"))
        worker.terminate()
        waiting = start(script("true"))
        assert finishes(running).status == S.SUCCESS
        assert worker.process.wait(30) == 0
        assert workers.online() == []
        assert reaches(waiting, S.WAITING).claim is None

    def test_what_does_not_finish_in_the_grace_ends_with_the_reason(
        self, app, script, start
    ) -> None:
        worker = WorkerProcess(app, HELIOGRAPH_SHUTDOWN_GRACE="1")
        task = start(script("echo up; sleep 300"))
        until(lambda: said(task, "up"))
        worker.terminate()
        assert worker.process.wait(30) == 0
        assert finishes(task).status == S.ERROR
        assert task.reason == "The worker was shut down before the run had finished"

    def test_a_signal_to_every_process_at_once_is_survived_by_ours(
        self, worker, script, start
    ) -> None:
        task = start(script("trap 'echo heard' TERM; echo up; sleep 2 & wait; wait; echo done"))
        until(lambda: said(task, "up"))
        for pid in [worker.process.pid, *TestDeath.below(worker.process.pid)]:
            try:
                os.kill(pid, signal.SIGTERM)
            except ProcessLookupError:
                continue
        assert worker.process.wait(60) == 0
        assert finishes(task).status == S.SUCCESS
        assert said(task, "done")
