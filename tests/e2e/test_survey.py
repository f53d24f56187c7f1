"""Questions of a template in a browser: written, moved, looked at, asked, answered."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests import factories
from tests.e2e.looks import LOOKS, audit, check, set_up
from tests.servers import Server

pytestmark = [pytest.mark.browser, pytest.mark.processes]

SHOW = 'for word in "$@"; do printf "<%s>\\n" "$word"; done; printf "ZONE=%s\\n" "$ZONE"'


@pytest.fixture(scope="module")
def page(page: Page, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """Signed in as the first user; the project has a repository with the script show.sh."""
    set_up(page)
    path = factories.git_repository(tmp_path_factory.mktemp("survey") / "repo", show_sh=SHOW)
    page.goto("/p/1/repositories/new")
    page.get_by_label("Name", exact=True).fill("Scripts")
    page.get_by_label("URL").fill(f"file://{path}")
    page.get_by_label("Branch").fill("main")
    page.locator("button[type=submit]:visible").last.click()
    expect(page.locator("#rows")).to_contain_text("Scripts")
    yield page


def field(page: Page, place: int, name: str) -> Locator:
    return page.locator(f'[id="f-survey_vars.{place}.{name}"]')


def address(page: Page) -> str:
    page.goto("/p/1/templates")
    return page.locator("tbody a", has_text="Ask me").first.get_attribute("href") or ""


def test_questions_are_written_moved_and_looked_at(page: Page) -> None:
    page.goto("/p/1/templates/new/bash")
    page.get_by_label("Name", exact=True).fill("Ask me")
    page.locator("#f-repository_id").select_option(label="Scripts")
    page.locator("#f-playbook").fill("show.sh")
    page.get_by_role("button", name="Add question").click()
    expect(field(page, 0, "title")).to_be_focused()
    field(page, 0, "title").fill("How many")
    field(page, 0, "name").fill("count")
    field(page, 0, "type").select_option("int")
    expect(field(page, 0, "regex")).to_be_hidden()
    expect(field(page, 0, "values")).to_be_hidden()
    field(page, 0, "max").fill("12")
    preview = page.locator("#survey-preview")
    expect(preview).to_contain_text("At most 12.")
    page.get_by_role("button", name="Add question").click()
    field(page, 1, "title").fill("Zone")
    field(page, 1, "name").fill("ZONE")
    field(page, 1, "type").select_option("enum")
    field(page, 1, "target").select_option("env")
    expect(field(page, 1, "min")).to_be_hidden()
    field(page, 1, "source").select_option("branches")
    expect(field(page, 1, "values")).to_be_hidden()
    field(page, 1, "source").select_option("")
    field(page, 1, "values").fill("eu = Europe\nus")
    expect(preview.locator("option")).to_have_count(3)
    check(page, "two questions")
    page.get_by_role("button", name="Move question 2 up").focus()
    page.keyboard.press("Enter")
    expect(field(page, 0, "name")).to_have_value("ZONE")
    expect(page.get_by_role("button", name="Move question 1 down")).to_be_focused()
    field(page, 1, "max").fill("many")
    page.get_by_label("Name", exact=True).press("Enter")
    expect(page.locator('[id="f-survey_vars.1.max-error"]')).to_contain_text("whole number")
    field(page, 1, "max").fill("12")
    page.get_by_role("button", name="Save template").click()
    expect(page.locator("h1")).to_have_text("Ask me")


def test_answers_are_checked_kept_and_reach_the_script(page: Page) -> None:
    page.get_by_role("link", name="Run Ask me").first.click()
    sheet = page.locator("#sheet[open]")
    sheet.get_by_label("How many").evaluate("field => field.removeAttribute('max')")
    sheet.get_by_label("How many").fill("13")
    sheet.get_by_label("Zone").select_option("Europe")
    sheet.get_by_label("How many").press("Control+Enter")
    expect(sheet.locator('[id="f-answer.count-error"]')).to_contain_text("at most 12")
    expect(sheet.get_by_label("Zone")).to_have_value("eu")
    check(page, "a refused answer")
    sheet.get_by_label("How many").fill("7")
    sheet.get_by_label("How many").press("Control+Enter")
    expect(page.locator(".log-view")).to_contain_text("<count=7>")
    expect(page.locator(".log-view")).to_contain_text("ZONE=eu")


@pytest.mark.parametrize("look", LOOKS)
def test_the_pages_are_accessible_and_fit(page: Page, look: str) -> None:
    made = address(page)
    audit(page, look, {f"{made}/edit": "Edit", f"{made}/run": "Run Ask me"})


def test_it_works_without_scripts(page: Page, server: Server) -> None:
    context = page.context.browser.new_context(
        base_url=f"http://localhost:{server.port}",
        storage_state=page.context.storage_state(),
        java_script_enabled=False,
    )
    tab = context.new_page()
    made = address(tab)
    tab.goto(f"{made}/edit")
    tab.get_by_role("button", name="Add question").click()
    field(tab, 2, "name").fill("note")
    tab.get_by_role("button", name="Move question 3 up").click()
    expect(field(tab, 1, "name")).to_have_value("note")
    tab.get_by_role("button", name="Remove question 2").click()
    tab.get_by_role("button", name="Save template").click()
    tab.goto(f"{made}/run")
    tab.get_by_label("How many").fill("3")
    tab.locator("#run-form").get_by_role("button", name="Run").click()
    expect(tab.locator("h1")).to_contain_text("Ask me")
    context.close()


def test_what_is_looked_up_keeps_what_was_chosen(page: Page) -> None:
    made = address(page)
    page.goto(f"{made}/edit")
    field(page, 0, "values").fill("")
    field(page, 0, "source").select_option("branches")
    page.get_by_role("button", name="Save template").click()
    expect(page.locator("h1")).to_have_text("Ask me")
    page.goto(f"{made}/run?ZONE=main")
    zone = page.locator("select[name='answer.ZONE']")  # a text field until a worker has looked
    expect(zone).to_have_value("main", timeout=20_000)
    page.get_by_label("How many").fill("5")
    page.locator("#run-form").get_by_role("button", name="Run").click()
    expect(page.locator(".log-view")).to_contain_text("ZONE=main")
