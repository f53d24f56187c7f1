"""The page that tells an administrator what works."""

import pytest

from app.db import transaction
from app.executors.self_test import Findings
from app.services import workers
from tests import factories


@pytest.fixture
def worker(app) -> str:
    with transaction():
        worker_id = workers.register(3, ["eu-1"])
        workers.beat(worker_id)
    return worker_id


def describe(worker_id: str, found: Findings) -> None:
    facts = {"tools": {"bash": "5.2", "git": ""}, "isolation": found.facts}
    with transaction():
        workers.describe(worker_id, facts)


def test_it_says_whether_all_secrets_can_be_read(browser, worker) -> None:
    page = browser("root").get("/admin/system").text
    assert "Keys of the secrets" in page and "all of them can be read" in page
    part = browser("root").get("/admin/system", headers={"HX-Request": "true"}).text
    assert "Keys of the secrets" not in part
    describe(worker, Findings("auto", 7, (), 20))
    part = browser("root").get("/admin/system", headers={"HX-Request": "true"}).text
    assert "self-test 20 of 20 refused" in part


def test_it_shows_parts_workers_and_what_tasks_can_reach(browser, worker) -> None:
    describe(worker, Findings("auto", 7, (), 20))
    page = browser("root").get("/admin/system").text
    assert "isolated: Landlock ABI 7, self-test 20 of 20 refused" in page
    assert "bash 5.2" in page and "eu-1" in page and "Database" in page


def test_what_is_not_kept_apart_is_said(browser, worker) -> None:
    describe(worker, Findings("off", 0, ("another run",), 20))
    page = browser("root").get("/admin/system").text
    assert "NOT isolated, by setting" in page and "another run" in page


def test_a_worker_that_has_just_started_has_not_tried_yet(browser, worker) -> None:
    assert "tries it at this moment" in browser("root").get("/admin/system").text


def test_without_a_worker_it_says_what_to_do(browser) -> None:
    assert "python worker.py" in browser("root").get("/admin/system").text


def test_only_the_part_is_loaded_again(browser) -> None:
    part = browser("root").get("/admin/system", headers={"HX-Request": "true"}).text
    assert "<html" not in part and "Database" in part


def test_the_menu_leads_there_for_administrators_only(browser) -> None:
    assert "/admin/system" in browser("root").get("/projects").text
    assert "/admin/system" not in browser("alice").get("/projects").text


def test_it_tells_how_much_artifacts_take(browser, project) -> None:
    task = factories.task(factories.template(project), status="success")
    factories.artifact(task, "a", b"x" * (1 << 20))
    page = browser("root").get("/admin/system").text
    assert "1.0 MB of 10,000 MB at most" in page
