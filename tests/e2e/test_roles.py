"""Custom roles in a browser: made, attached to a template, given to a guest, who runs it."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.looks import LOOKS, audit, check, set_up
from tests.servers import Server

PASSWORD = "correct horse battery"
PAGES = {
    "/admin/roles": "Roles",
    "/admin/roles/new": "New role",
    "/p/1/team/roles": "Roles",
    "/p/1/team/roles/deployers/edit": "Edit role",
    "/p/1/team/roles/deployers/holders": "Who holds",
    "/p/1/team/2/custom-roles": "Custom roles of Gus",
    "/p/1/team/roles/deployers/delete": "Can't delete",
    "/p/1/templates/1/access": "Hello",
    "/p/1/templates/1/access/new": "Attach role",
    "/p/1/templates/1/access/1/edit": "Edit role",
    "/p/1/templates/1/access/1/delete": "Detach",
}


@pytest.fixture(scope="module")
def page(page: Page) -> Iterator[Page]:
    """Signed in as the first user; Gus is a guest of the first project."""
    set_up(page)
    gus = {"name": "Gus Guest", "username": "gus", "email": "gus@x.test", "password": PASSWORD}
    made = page.request.post("/api/users", data=gus).json()
    member = {"user_id": made["id"], "role": "guest"}
    assert page.request.post("/api/project/1/users", data=member).status == 204
    yield page


@pytest.fixture(scope="module")
def guest(chromium: Browser, server: Server, page: Page) -> Iterator[Page]:
    context = chromium.new_context(base_url=f"http://localhost:{server.port}")
    tab = context.new_page()
    tab.goto("/login")
    tab.get_by_label("Username").fill("gus")
    tab.locator("input[type=password]").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in").click()
    expect(tab.locator("h1")).not_to_contain_text("Sign in")
    yield tab
    context.close()


def test_a_role_is_made_in_a_sheet(page: Page) -> None:
    page.goto("/p/1/team/roles")
    page.locator(".page-header").get_by_role("link", name="New role").click()
    sheet = page.locator("#sheet")
    sheet.get_by_label("Name", exact=True).fill("Owner")
    sheet.get_by_role("button", name="Create role").click()
    expect(sheet.locator(".field .error")).to_contain_text("reserved")
    sheet.get_by_label("Name", exact=True).fill("Deployers")
    sheet.get_by_role("checkbox", name=re.compile("^Run")).check()
    check(page, "a new role")
    sheet.get_by_role("button", name="Create role").click()
    expect(page.locator("#rows")).to_contain_text("Deployers")


def test_it_is_attached_to_a_template_and_given_to_a_guest(page: Page) -> None:
    page.goto("/p/1/templates/1")
    page.get_by_role("link", name="Access").click()
    page.get_by_role("link", name="Attach role").click()
    page.locator("#sheet").get_by_role("button", name="Attach role").click()
    expect(page.locator("#list")).to_contain_text("deployers")
    expect(page.locator("#people")).not_to_contain_text("Gus")
    page.goto("/p/1/team/roles")
    page.get_by_role("button", name="Actions for Deployers").click()
    page.get_by_role("menuitem", name="Who holds it").click()
    page.locator("#sheet").get_by_role("checkbox", name=re.compile("^Gus")).check()
    page.locator("#sheet").get_by_role("button", name="Save holders").click()
    expect(page.locator("#rows")).to_contain_text("1 member")
    page.goto("/p/1/templates/1/access")
    expect(page.locator("#people")).to_contain_text("Guest, Deployers")


def test_the_guest_runs_this_template_and_no_other(guest: Page) -> None:
    guest.goto("/p/1/templates")
    runs = guest.get_by_role("button", name=re.compile("^Run "))
    assert runs.or_(guest.get_by_role("link", name=re.compile("^Run "))).count() == 1
    guest.goto("/p/1/templates/1")
    guest.locator("#run").click()
    expect(guest).to_have_url(re.compile(r"/p/1/runs/\d+$"))


@pytest.mark.parametrize("look", LOOKS)
def test_every_page_is_accessible_and_fits(page: Page, look: str) -> None:
    audit(page, look, PAGES)
