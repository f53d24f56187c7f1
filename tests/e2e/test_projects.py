"""A project's settings, and its backup and return, in a browser."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.looks import LOOKS, audit, check, set_up
from tests.servers import Server

pytestmark = [
    pytest.mark.browser,
    pytest.mark.processes,
]

WEBSHOP = Path(__file__).parents[1] / "golden" / "webshop-backup.json"  # of a real 2.10 server
LONG = "a-name-without-any-gap-" * 10
WRONG = (
    f'{{"templates": [{{"name": "{LONG}", "app": "bash", "playbook": "a", "repository": "R"}}]}}'
)
PAGES = {
    "/projects": "Projects",
    "/projects/import": "Restore a project",
    "/p/1/settings": "Settings",
}
PAGES_OF_RESTORED = {
    "/activity": "Activity",
    "/templates/views": "Views",
    "/integrations": "Integrations",
    "/integrations/new": "New integration",
    "/integrations/new/github": "New integration",
}


@pytest.fixture(scope="module")
def page(page: Page) -> Iterator[Page]:
    """Signed in as the first user."""
    set_up(page)
    yield page


def upload(page: Page, content: bytes) -> None:
    file = {"name": "project.json", "mimeType": "application/json", "buffer": content}
    page.get_by_label("Backup file").set_input_files(file)
    page.get_by_role("button", name="Restore project").click()


def restored(page: Page) -> str:
    """The address of the project that came out of the file; refused ones use up numbers, too."""
    page.goto("/projects")
    return page.get_by_role("link", name="Webshop").get_attribute("href") or ""


def test_settings_are_saved_or_refused_with_what_was_typed(page: Page) -> None:
    page.goto("/p/1")
    page.locator(".sidebar").get_by_role("link", name="Settings").click()
    page.get_by_label("Parallel runs").fill("many")
    page.get_by_label("Time limit in minutes").fill("90")
    page.get_by_role("button", name="Save settings").click()
    expect(page.locator(".field .error")).to_contain_text("Must be a whole number")
    expect(page.get_by_label("Time limit in minutes")).to_have_value("90")
    check(page, "refused settings")
    page.get_by_label("Parallel runs").fill("2")
    page.get_by_role("button", name="Save settings").click()
    expect(page.locator(".toasts")).to_contain_text("Settings saved")
    page.get_by_role("link", name="Delete project…").click()
    expect(page.locator("#dialog[open]")).to_contain_text("This deletes, for good")
    check(page, "the question before a project is deleted")
    page.locator("#dialog").get_by_role("button", name="Cancel").click()


def test_a_file_that_is_wrong_says_where_and_a_good_one_comes_back(page: Page) -> None:
    page.goto("/projects")
    page.get_by_role("link", name="Restore from a backup").click()
    expect(page.locator("#sheet[open]")).to_contain_text("No secret is in such a file")
    check(page, "the sheet of a restore")
    file = {"name": "webshop.json", "mimeType": "application/json", "buffer": WEBSHOP.read_bytes()}
    page.locator("#f-file").set_input_files(file)
    expect(page.locator("#preview")).to_contain_text("7 keys are empty")
    check(page, "the preview of a restore")
    upload(page, WRONG.encode())
    expect(page.locator("#sheet .alert")).to_contain_text("templates[0].repository")
    check(page, "a refused file")
    upload(page, WEBSHOP.read_bytes())
    expect(page).to_have_url(re.compile(r"/p/\d+$"))
    expect(page.locator(".toasts")).to_contain_text("7 keys have no secret yet")
    page.goto(f"{restored(page)}/integrations")
    expect(page.locator("#list")).to_contain_text("push hook")


@pytest.mark.parametrize("look", LOOKS)
def test_every_page_is_accessible_and_fits(page: Page, look: str) -> None:
    own = restored(page)
    audit(page, look, PAGES | {own + path: title for path, title in PAGES_OF_RESTORED.items()})


def test_all_of_it_works_without_scripts(page: Page, server: Server) -> None:
    context = page.context.browser.new_context(
        base_url=f"http://localhost:{server.port}",
        storage_state=page.context.storage_state(),
        java_script_enabled=False,
    )
    tab = context.new_page()
    own = restored(tab)
    tab.goto(f"{own}/settings")
    tab.get_by_label("Name", exact=True).fill("Webshop, tested")
    tab.get_by_role("button", name="Save settings").click()
    expect(tab.get_by_label("Name", exact=True)).to_have_value("Webshop, tested")
    with tab.expect_download() as begun:
        tab.get_by_role("link", name="Download backup").click()
    assert begun.value.suggested_filename == f"project-{own.rpartition('/')[2]}.json"
    content = Path(begun.value.path()).read_bytes()
    tab.goto("/projects/import")
    upload(tab, WRONG.encode())
    expect(tab.locator(".alert")).to_contain_text("templates[0].repository")
    upload(tab, content)
    expect(tab).to_have_url(re.compile(r"/p/\d+/activity$"))
    expect(tab.locator("#list")).to_contain_text("which is taken on this server")
    expect(tab.locator(".topbar")).to_contain_text("Webshop, tested")
    context.close()
