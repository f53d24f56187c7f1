"""A colleague is added in the browser, signs in in another one, and sees what the role allows."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.looks import LOOKS, audit, check, set_up
from tests.servers import Server

pytestmark = [pytest.mark.browser, pytest.mark.processes]

PAGES = {
    "/admin/users": "Users",
    "/admin/users/new": "New user",
    "/admin/users/1/edit": "Edit user",
    "/admin/users/2/delete": "Delete",
    "/p/1/team": "Team",
    "/p/1/team/new": "Add member",
    "/p/1/team/roles": "Roles",
    "/p/1/team/check?member=1": "Check access",
    "/p/1/team/2/delete": "Remove",
}


@pytest.fixture(scope="module")
def page(page: Page) -> Iterator[Page]:
    set_up(page)
    yield page


def add_bea(page: Page) -> str:
    """The password that the page shows once, after a name that it has refused."""
    page.goto("/p/1")
    page.get_by_role("button", name="Account of Ada Example").click()
    page.get_by_role("menuitem", name="Users").click()
    page.get_by_role("link", name="New user").click()
    sheet = page.locator("#sheet[open]")
    sheet.get_by_label("Name", exact=True).fill("Bea Example")
    sheet.get_by_label("Username").fill("bea example")
    sheet.get_by_label("E-mail", exact=True).fill("bea@example.test")
    sheet.locator("#f-project_id").select_option(index=1)
    sheet.locator("#f-role").select_option("guest")
    sheet.get_by_role("button", name="Create user").click()
    expect(sheet.locator(".field .error")).to_contain_text("Must consist of letters")
    check(page, "a refused user")
    sheet.get_by_label("Username").fill("bea")
    sheet.get_by_role("button", name="Create user").click()
    password = sheet.locator("#password").inner_text()
    check(page, "a password that is shown once")
    expect(page.locator("#list")).to_contain_text("Bea Example")
    return password


def test_a_colleague_is_added_and_gets_in(page: Page, server: Server) -> None:
    password = add_bea(page)
    context = page.context.browser.new_context(base_url=f"http://localhost:{server.port}")
    hers = context.new_page()
    hers.goto("/login")
    hers.get_by_label("Username or e-mail").fill("bea")
    hers.locator("input[type=password]").fill(password)
    hers.get_by_role("button", name="Sign in").click()
    hers.goto("/p/1/team")
    expect(hers.locator("#list")).to_contain_text("Ada Example")
    expect(hers.get_by_role("link", name="Add member")).to_have_count(0)
    page.goto("/p/1/team")
    page.get_by_label("Role of Bea Example", exact=True).focus()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_label("Role of Bea Example", exact=True)).to_have_value("task_runner")
    expect(page.locator("#member-2")).to_contain_text("Looks at everything")
    page.get_by_role("button", name="Save role of Bea Example").click()
    expect(page.locator("#member-2")).to_contain_text("Runs templates and stops runs.")
    hers.goto("/p/1/templates")
    expect(hers.get_by_role("button", name=re.compile("^Run ")).first).to_be_visible()
    context.close()


def test_cells_and_corners_are_drawn_as_their_neighbours(page: Page) -> None:
    page.goto("/p/1/activity")
    expect(page.locator("td[data-label=Who]").first).to_have_css("text-align", "start")
    page.goto("/admin/users/2/edit")
    corner = page.locator(".panel").evaluate("p => getComputedStyle(p).borderBottomLeftRadius")
    footer = page.locator(".panel .dialog-footer")
    expect(footer).to_have_css("border-bottom-left-radius", corner)


@pytest.mark.parametrize("look", LOOKS)
def test_pages_of_people_are_accessible_and_fit(page: Page, look: str) -> None:
    audit(page, look, PAGES)
