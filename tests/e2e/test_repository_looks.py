"""A repository in the browser: tested before it is saved, its files read, its names offered."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.test_first_hour import set_up
from tests.servers import Server

pytestmark = [pytest.mark.browser, pytest.mark.processes]


def test_from_the_address_to_the_script(server: Server, page: Page, scripts: Path) -> None:
    set_up(page)
    check_and_save(page, scripts)
    read_a_file(page)
    assert Axe().run(page).violations_count == 0
    choose_a_script(page)


def check_and_save(page: Page, scripts: Path) -> None:
    page.goto("/p/1/repositories")
    page.get_by_role("link", name="New repository").click()
    sheet = page.locator("#sheet[open]")
    sheet.get_by_label("URL").fill(f"file://{scripts}")
    sheet.get_by_role("button", name="Test connection").click()
    expect(sheet.locator("#form-test")).to_contain_text("It can be reached.")
    expect(sheet.locator("#form-branches option")).to_have_attribute("value", "main")
    sheet.get_by_label("Name").fill("Scripts")
    sheet.get_by_role("button", name="Create repository").click()
    page.get_by_role("link", name="Scripts", exact=True).click()


def read_a_file(page: Page) -> None:
    expect(page.locator("#test")).to_contain_text("1 branch, by default main.")
    page.get_by_role("button", name="Browse files").click()
    page.locator("#files").get_by_role("link", name="count.sh").click()
    expect(page.locator("#files pre")).to_contain_text("of the script")
    page.get_by_role("button", name="Back to Scripts").click()
    expect(page.locator("#files").get_by_role("link", name="count.sh")).to_be_visible()
    page.get_by_role("button", name="Clear cache").click()
    expect(page.locator("#cache")).to_contain_text("0 B")


def choose_a_script(page: Page) -> None:
    page.goto("/p/1/templates/new/bash")
    page.get_by_label("Repository", exact=True).select_option("Scripts")
    expect(page.locator("#branches option")).to_have_attribute("value", "main")
    expect(page.locator("#scripts option")).to_have_attribute("value", "count.sh")
    expect(page.get_by_text("1 file of the repository to choose from")).to_be_visible()
