"""Pages as people see them: light on a desk, dark on a telephone, and on the narrowest screen."""

from collections.abc import Mapping

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

LOOKS = {"light": (1366, 900), "dark": (390, 844)}


def audit(page: Page, look: str, pages: Mapping[str, str]) -> None:
    """Each page has its heading, axe finds nothing, and nothing is wider than the screen."""
    width, height = LOOKS[look]
    page.emulate_media(color_scheme=look)
    for path, heading in pages.items():
        page.set_viewport_size({"width": width, "height": height})
        page.goto(path)
        expect(page.locator("h1")).to_contain_text(heading)
        page.wait_for_load_state("networkidle")
        check(page, path)
        page.set_viewport_size({"width": 320, "height": 700})
        assert overflow(page) == 0, f"{path} at 320 px"


def settle(page: Page) -> None:
    """Wait until the sheet is closed and the way back from it is made: a test that opens another
    page meanwhile would cut that off."""
    page.wait_for_function("() => !history.state?.sheet && !document.querySelector('dialog[open]')")


def check(page: Page, what: str) -> None:
    """What is open now: axe finds nothing and it fits."""
    found = Axe().run(page)
    assert found.violations_count == 0, f"{what}: {found.generate_report()}"
    assert overflow(page) == 0, what


def overflow(page: Page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - innerWidth")


def set_up(page: Page) -> None:
    """Make the first user, an administrator: Ada, who is signed in from then on."""
    page.goto("/setup")
    page.get_by_label("Name", exact=True).fill("Ada Example")
    page.get_by_label("Username").fill("ada")
    page.locator("#f-password").fill("correct horse battery")
    page.get_by_role("button", name="Create account").click()
    expect(page.locator("h1")).to_have_text("Overview")
