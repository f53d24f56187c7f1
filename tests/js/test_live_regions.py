"""Live regions: what must outlive that a region asks again and is morphed into the answer."""

import pytest
from playwright.sync_api import Page, expect

from tests.js.site import Site

pytestmark = [pytest.mark.browser]

REGION = """<div id="now" hx-get="/now" hx-trigger="runs from:body" hx-target="this"
  hx-swap="morph:innerHTML" hx-ext="morph">%s</div>"""
STOP = '<form><input id="why"><button type="button" id="stop">Stop</button></form>'
TIME = '<time datetime="2020-01-01T00:00:00Z" title="2020-01-01 00:00 UTC" data-at>in UTC</time>'


def answer(site: Site, page: Page, html: str) -> None:
    """Let the region ask again."""
    site.routes["/now"] = lambda _: (200, {}, html)
    page.evaluate(
        """() => {
          const done = new Promise((end) => addEventListener("htmx:afterSettle", end));
          htmx.trigger("body", "runs");
          return done.then(() => null);
        }"""
    )


def test_the_focus_and_what_is_typed_stay(site: Site, page: Page) -> None:
    site.open(REGION % f"<p>queued</p>\n<div>waits</div>\n{STOP}\n<nav>tabs</nav>")
    page.locator("#why").fill("too slow")
    answer(site, page, f"<p>running</p>\n{STOP}\n<aside>host</aside>\n<nav>tabs</nav>")
    assert page.locator("#now").inner_text().startswith("running")
    assert page.evaluate("document.activeElement.id") == "why"
    assert page.locator("#why").input_value() == "too slow"


def test_a_press_that_an_answer_meets_is_a_click(site: Site, page: Page) -> None:
    site.open(REGION % f"<p>step 1</p>{STOP}")
    page.evaluate("document.querySelector('#stop').onclick = () => { window.clicked = true; }")
    page.locator("#stop").hover()
    page.mouse.down()
    answer(site, page, f"<p>step 2</p>{STOP}")
    page.mouse.up()
    assert page.evaluate("window.clicked") is True


def test_an_open_menu_stays_open(site: Site, page: Page) -> None:
    menu = site.html('{% call c.menu("more", "More") %}{{ c.item("Copy", "copy") }}{% endcall %}')
    site.open(REGION % f"<p>one</p>{menu}")
    page.get_by_role("button", name="More").click()
    answer(site, page, f"<p>two</p>{menu}")
    expect(page.get_by_role("menuitem", name="Copy")).to_be_visible()


def test_times_of_an_answer_are_the_readers_at_once(site: Site, page: Page) -> None:
    site.open(REGION % TIME)
    shown = page.locator("time").text_content()
    page.evaluate(
        """document.addEventListener("htmx:afterSettle", () => {
             window.seen = document.querySelector("time").textContent;
           })"""
    )
    answer(site, page, TIME)
    assert page.evaluate("window.seen") == shown != "in UTC"
