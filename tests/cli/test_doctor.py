"""flask doctor, as an operator reads it."""

from app.db import transaction
from app.executors.self_test import Findings
from app.services import workers

FACTS = {"isolation": Findings("auto", 7, (), 20).facts}


def test_it_says_what_is_broken(app) -> None:
    done = app.test_cli_runner().invoke(args=["doctor"])
    assert done.exit_code == 1
    assert "!! worker      no worker is online" in done.output
    assert "ok redis" in done.output
    assert "ok keyring     0 secrets, all of them can be read" in done.output


def test_it_tells_what_the_workers_have_found(app) -> None:
    with transaction():
        worker_id = workers.register(2, [])
        workers.beat(worker_id)
        workers.describe(worker_id, FACTS)
    done = app.test_cli_runner().invoke(args=["doctor"])
    assert "ok tasks       isolated: Landlock ABI 7, self-test 20 of 20 refused" in done.output
    assert "ok worker" in done.output


def test_a_task_that_could_read_the_server_is_a_fault(app) -> None:
    with transaction():
        worker_id = workers.register(2, [])
        workers.beat(worker_id)
        workers.describe(worker_id, {"isolation": Findings("off", 0, ("another run",), 20).facts})
    done = app.test_cli_runner().invoke(args=["doctor"])
    assert done.exit_code == 1 and "NOT isolated, by setting" in done.output
