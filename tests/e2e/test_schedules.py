"""Schedules in a browser, with a real worker that starts what is due."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.looks import LOOKS, audit, check, set_up, settle
from tests.servers import Server

pytestmark = [pytest.mark.browser, pytest.mark.processes]

PAGES = {
    "/p/1/schedules": "Schedules",
    "/p/1/schedules/1": "Nightly",
    "/p/1/schedules/1/edit": "Edit schedule",
    "/p/1/schedules/new": "New schedule",
    "/p/1/templates/1/schedules": "Hello",
}


def look(page: Page, name: str) -> None:
    """Keep a picture where somebody asks for them."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.fixture(scope="module")
def page(page: Page) -> Iterator[Page]:
    """Signed in as the first user, with the demo's templates."""
    set_up(page)
    yield page


def begin(page: Page) -> None:
    page.goto("/p/1/schedules")
    page.get_by_role("link", name="New schedule").first.click()
    sheet = page.locator("#sheet[open]")
    sheet.get_by_label("Template").select_option(index=0)
    sheet.get_by_role("button", name="Continue").click()
    expect(sheet.locator("#preview")).to_contain_text("At 02:00, daily")


def test_one_is_made_with_its_times_before_ones_eyes(page: Page) -> None:
    page.goto("/p/1")
    page.locator(".sidebar").get_by_role("link", name="Schedules").click()
    expect(page.locator("#list")).to_contain_text("No schedules yet")
    check(page, "no schedules")
    begin(page)
    sheet = page.locator("#sheet[open]")
    check(page, "the sheet of a schedule")
    look(page, "sheet")
    sheet.get_by_label("Name").fill("Nightly")
    sheet.get_by_label("Cron line").fill("0 25 * * *")
    expect(sheet.locator("#preview")).to_contain_text("Hour: 25 is too large, it goes from 0 to 23")
    sheet.get_by_role("button", name="Create schedule").click()
    expect(sheet.locator(".field .error")).to_contain_text("Hour: 25")
    check(page, "a refused schedule")
    look(page, "refused")
    sheet.get_by_label("Cron line").fill("30 3 * * mon-fri")
    sheet.get_by_label("Time zone").select_option("Australia/Lord_Howe")
    expect(sheet.locator("#preview")).to_contain_text("At 03:30, on Monday to Friday")
    expect(sheet.locator("#preview")).to_contain_text("In Australia/Lord_Howe")
    sheet.get_by_role("button", name="Create schedule").click()
    settle(page)
    expect(page.locator("#list")).to_contain_text("Nightly")
    look(page, "list")


def test_the_fields_follow_the_kind(page: Page) -> None:
    begin(page)
    sheet = page.locator("#sheet[open]")
    sheet.get_by_label("Once").check()
    expect(sheet.get_by_label("Time", exact=True)).to_be_visible()
    expect(sheet.locator("#preview")).to_contain_text("Choose a time")
    sheet.get_by_label("Time", exact=True).fill("2035-07-01T12:00")
    expect(sheet.locator("#preview")).to_contain_text("Once, on 1 Jul 2035 12:00")
    look(page, "once")
    sheet.get_by_label("For new commits").check()
    expect(sheet.get_by_label("Repository")).to_be_visible()
    check(page, "a schedule for commits")
    page.keyboard.press("Escape")


def test_a_worker_runs_what_is_due_and_the_switch_stops_it(page: Page) -> None:
    begin(page)
    sheet = page.locator("#sheet[open]")
    sheet.get_by_label("Name").fill("Often")
    sheet.get_by_label("Cron line").fill("@every 2s")
    sheet.get_by_role("button", name="Create schedule").click()
    settle(page)
    row = page.locator("tr", has_text="Often")
    expect(row.get_by_role("link", name="#1")).to_be_visible()
    row.get_by_role("switch").click()
    expect(row.get_by_role("switch")).to_have_attribute("aria-checked", "false")
    expect(row).to_contain_text("off")
    look(page, "list-off")
    row.get_by_role("link", name="Often").click()
    expect(page.locator("main")).to_contain_text("It is switched off")
    look(page, "show")


@pytest.mark.parametrize("look_", LOOKS)
def test_every_page_is_accessible_and_fits(page: Page, look_: str) -> None:
    audit(page, look_, PAGES)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/p/1/schedules")
    look(page, f"list-{look_}-390")
    page.goto("/p/1/schedules/1")
    look(page, f"show-{look_}-390")


def test_all_of_it_works_without_scripts(page: Page, server: Server) -> None:
    context = page.context.browser.new_context(
        base_url=f"http://localhost:{server.port}",
        storage_state=page.context.storage_state(),
        java_script_enabled=False,
    )
    tab = context.new_page()
    tab.goto("/p/1/schedules")
    tab.get_by_role("link", name="New schedule").click()
    tab.get_by_role("button", name="Continue").click()
    tab.get_by_role("link", name="Once", exact=True).click()
    tab.get_by_label("Name").fill("Plain")
    tab.get_by_label("Time", exact=True).fill("2035-07-01T12:00")
    tab.get_by_role("button", name="Create schedule").click()
    row = tab.locator("tr", has_text="Plain")
    row.get_by_role("button", name="Switch off").click()
    expect(tab.locator("tr", has_text="Plain").get_by_role("button")).to_contain_text(["Switch on"])
    context.close()
