"""A run works, then fails: what changed names the commit and the variable, in a browser."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.e2e.looks import check
from tests.servers import Server

pytestmark = [pytest.mark.browser, pytest.mark.processes]

WORKS = 'echo "colour is $COLOUR"\n'
FAILS = "echo broken; exit 4\n"


def look(page: Page, name: str) -> None:
    """Keep a picture where somebody asks for them."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return factories.git_repository(tmp_path_factory.mktemp("made") / "repo", run_sh=WORKS)


@pytest.fixture(scope="module")
def page(page: Page) -> Page:
    page.goto("/setup")
    page.get_by_label("Name", exact=True).fill("Ada Example")
    page.get_by_label("Username").fill("ada")
    page.locator("#f-password").fill("correct horse battery")
    page.get_by_role("button", name="Create account").click()
    expect(page.locator("h1")).to_have_text("Overview")
    return page


def call(page: Page, method: str, path: str, **body: object) -> dict:
    """The API with the cookie of the page."""
    given = {"data": body} if body else {}
    answer = page.request.fetch(f"/api/project/1/{path}", method=method, **given)
    assert answer.ok, answer.text()
    return answer.json() if answer.text().strip() else {}


@pytest.fixture(scope="module")
def template(page: Page, repository: Path) -> dict:
    """Of a repository and a group of variables, made through the API."""
    key = call(page, "GET", "keys")[0]["id"]
    given = {"name": "Ours", "git_url": f"file://{repository}", "git_branch": "main"}
    made = call(page, "POST", "repositories", project_id=1, ssh_key_id=key, **given)
    group = call(page, "POST", "environment", project_id=1, name="Prod", json="{}",
                 env='{"COLOUR": "blue", "STAGE": "test"}')  # fmt: skip
    shape = {"name": "Paint", "app": "bash", "playbook": "run.sh", "repository_id": made["id"]}
    template = call(page, "POST", "templates", project_id=1, environment_id=group["id"], **shape)
    return {"id": template["id"], "group": group}


def run(page: Page, template: dict, state: str) -> int:
    task = call(page, "POST", "tasks", template_id=template["id"])["id"]
    page.goto(f"/p/1/runs/{task}")
    expect(page.locator("h1")).to_contain_text(state, timeout=60_000)
    return task


def test_what_changed_names_the_commit_and_the_variable(
    page: Page, server: Server, template: dict, repository: Path
) -> None:
    worked = run(page, template, "Success")
    (repository / "run.sh").write_text(FAILS)
    factories.commit(repository, "Break the paint")
    group = template["group"] | {"env": '{"COLOUR": "red", "STAGE": "test"}'}
    call(page, "PUT", f"environment/{group['id']}", **group)
    failed = run(page, template, "Failed")
    expect(page.locator("#run-h")).to_contain_text(f"Since #{worked} worked:")
    expect(page.locator("#run-h")).to_contain_text("variables: COLOUR.")
    look(page, "failed-run")
    page.locator("#what-changed").click()
    expect(page).to_have_url(f"http://localhost:{server.port}/p/1/runs/{failed}/changes")
    expect(page.locator("#commits")).to_contain_text("Break the paint", timeout=30_000)
    expect(page.locator("#variables-rows")).to_contain_text("COLOUR")
    expect(page.locator("#variables-rows")).to_contain_text("blue")
    expect(page.locator("#variables-rows")).to_contain_text("red")
    expect(page.locator("#variables-rows")).not_to_contain_text("STAGE")
    check(page, "what changed")
    look(page, "what-changed")


def test_two_runs_are_chosen_from_the_head_of_one(page: Page, template: dict) -> None:
    page.locator("#run-compare").click()
    expect(page.locator("h1")).to_have_text("Compare runs")
    expect(page.locator("#comparison")).to_contain_text("COLOUR")
    check(page, "compare")
    look(page, "compare")


def test_the_details_say_what_a_run_was_made_of(page: Page, template: dict) -> None:
    page.goto(f"/p/1/templates/{template['id']}")
    page.get_by_role("link", name="Compare two of them").click()
    page.locator("main p a").first.click()
    page.get_by_role("link", name="Details", exact=True).click()
    expect(page.locator("#variables")).to_contain_text("Group Prod")
    expect(page.locator("#command")).to_contain_text("bash run.sh")
    expect(page.locator("main")).to_contain_text("Bash")
    check(page, "details of a run")
    look(page, "details")


def test_what_a_run_leaves_is_listed_and_saved(
    page: Page, template: dict, repository: Path
) -> None:
    (repository / "run.sh").write_text(
        'echo "<b>all well</b>" > "$SEMAPHORE_ARTIFACTS/report.html"\n'
    )
    factories.commit(repository, "Leave a report")
    run(page, template, "Success")
    page.get_by_role("link", name="Artifacts 1").click()
    expect(page.locator("#files")).to_contain_text("report.html")
    check(page, "artifacts")
    look(page, "artifacts")
    with page.expect_download() as saved:
        page.get_by_role("link", name="report.html").click()
    assert Path(saved.value.path()).read_text() == "<b>all well</b>\n"
    assert saved.value.suggested_filename == "report.html"
