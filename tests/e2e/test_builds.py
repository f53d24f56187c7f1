"""A build is made in a browser, deployed at its commit, repeated, and fails on a broken branch."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.e2e.looks import LOOKS, audit, check, set_up

pytestmark = [pytest.mark.browser, pytest.mark.processes]

SCRIPT = 'echo "version <$SEMAPHORE_TASK_TARGET_VERSION$SEMAPHORE_TASK_INCOMING_VERSION>"\n'


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("builds") / "repo"
    return factories.git_repository(path, run_sh=SCRIPT)


@pytest.fixture(scope="module")
def page(page: Page, repository: Path) -> Iterator[Page]:
    set_up(page)
    place = {"project_id": 1, "name": "Shop", "git_url": f"file://{repository}"}
    place |= {"git_branch": "main", "ssh_key_id": keys(page)[0]["id"]}
    assert page.request.post("/api/project/1/repositories", data=place).status == 201
    yield page


def keys(page: Page) -> list[dict]:
    return page.request.get("/api/project/1/keys").json()


def new_template(page: Page, name: str, purpose: str) -> None:
    page.goto("/p/1/templates/new/bash")
    page.get_by_label("Name", exact=True).fill(name)
    page.locator("#f-repository_id").select_option(label="Shop")
    page.locator("#f-playbook").fill("run.sh")
    page.locator(f"[name=type][value={purpose}]").check()


def save(page: Page) -> None:
    page.get_by_role("button", name="Save template").click()
    expect(page.locator(".toasts")).to_contain_text("Template saved")


def succeeds(page: Page, text: str) -> None:
    expect(page.locator("#run-h")).to_contain_text("Success", timeout=60_000)
    expect(page.locator("main")).to_contain_text(text)


def test_a_build_is_made_and_deployed_at_its_commit(page: Page, repository: Path) -> None:
    new_template(page, "Build shop", "build")
    expect(page.locator("#f-build_template_id")).to_be_hidden()
    page.get_by_label("First version").fill("1.0.0")
    save(page)
    new_template(page, "Deploy shop", "deploy")
    expect(page.locator("#f-start_version")).to_be_hidden()
    page.locator("#f-build_template_id").select_option(label="Build shop")
    check(page, "the form of a deploy")
    save(page)
    page.goto("/p/1/templates")
    page.get_by_role("button", name="Build Build shop").click()
    succeeds(page, "version <1.0.0>")
    (repository / "run.sh").write_text("echo broken; exit 3\n")
    factories.commit(repository, "Break it")
    page.goto("/p/1/templates")
    page.get_by_role("link", name="Deploy Deploy shop").click()
    sheet = page.locator("#sheet[open]")
    expect(sheet.locator("#f-build_task_id")).to_contain_text("1.0.0 #1")
    check(page, "the sheet of a deploy")
    sheet.get_by_role("button", name="Run", exact=True).click()
    succeeds(page, "version <1.0.0>")
    expect(page.locator("#run-h")).to_contain_text("build #1")


def test_it_is_repeated_at_its_commit_and_fails_at_the_newest(page: Page) -> None:
    for same in (True, False):
        page.goto("/p/1/runs/1")
        page.get_by_role("link", name="Run again").click()
        sheet = page.locator("#sheet[open]")
        if same:
            sheet.get_by_label("At the commit of run #1").check()
        sheet.get_by_role("button", name="Run", exact=True).click()
        if same:
            succeeds(page, "version <1.0.1>")
            expect(page.locator("#run-h")).to_contain_text("Repeats run #1")
    expect(page.locator("#run-h")).to_contain_text("Failed.", timeout=60_000)
    expect(page.locator("#run-h")).to_contain_text("Break it")


@pytest.mark.parametrize("look", LOOKS)
def test_pages_of_builds_are_accessible_and_fit(page: Page, look: str) -> None:
    found = page.request.get("/api/project/1/templates").json()
    deploy = next(template["id"] for template in found if template["name"] == "Deploy shop")
    pages = {
        "/p/1/runs": "Runs",
        "/p/1/runs/2/details": "Deploy shop",
        f"/p/1/templates/{deploy}/run?nothing=1&from=2": "Run Deploy shop",
    }
    audit(page, look, pages)
