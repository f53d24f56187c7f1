"""Live regions: what an answer changes on the page, and what it must leave alone."""

import pytest
from playwright.sync_api import Page, expect

from tests.js.site import Site

pytestmark = [pytest.mark.browser]

REGION = """<div id="now" hx-get="/now" hx-trigger="runs from:body" hx-target="this"
  hx-swap="morph:innerHTML" hx-ext="morph">%s</div>"""
STOP = '<form><input name="why"><button type="button" id="stop">Stop</button></form>'


def show(site: Site, page: Page, html: str) -> None:
    """A live region, whose nodes are marked, so that a test sees which ones stayed."""
    site.open(REGION % html)
    page.evaluate("document.querySelectorAll('#now *').forEach((node) => { node.old = true; })")


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


def stayed(page: Page, selector: str) -> bool:
    return page.evaluate(f"document.querySelector('{selector}').old === true")


def inner(page: Page) -> str:
    return page.locator("#now").inner_html()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<p>one</p>", "<p>two</p>"),
        ("<p>one</p>", ""),
        ("", "<p>one</p> and <b>two</b>"),
        ("text", "<p>one</p>text"),
        ('<p class="a" title="b">one</p>', '<p class="c" lang="en">one</p>'),
        ("<ul><li>a</li><li>b</li></ul>", "<ul><li>new</li><li>a</li><li>b</li></ul>"),
        ('<i id="a"></i><i id="b"></i><i id="c"></i>', '<i id="c"></i><i id="a"></i>'),
        ("<p>one <b>two</b> three</p>", "<p><b>two</b> three <i>four</i> five</p>"),
        ("<p>one</p><div>two</div><nav>three</nav>", "<nav>three</nav><p>one</p>"),
        ("<table><tbody><tr><td>1</td></tr></tbody></table>", "<table><tbody></tbody></table>"),
    ],
)
def test_a_region_becomes_what_was_answered(
    site: Site, page: Page, before: str, after: str
) -> None:
    show(site, page, before)
    answer(site, page, after)
    assert inner(page) == after


def test_what_is_the_same_stays(site: Site, page: Page) -> None:
    show(site, page, f"<p>queued</p>\n<div>waits</div>\n{STOP}\n<nav>tabs</nav>")
    page.locator("#stop").focus()
    page.locator("input").fill("too slow")
    page.locator("#stop").focus()
    answer(site, page, f"<p>running</p>\n{STOP}\n<aside>host</aside>\n<nav>tabs</nav>")
    assert [stayed(page, name) for name in ("p", "form", "#stop", "aside", "nav")] == [
        True, True, True, False, True,
    ]  # fmt: skip
    assert page.evaluate("document.activeElement.id") == "stop"
    assert page.locator("input").input_value() == "too slow"


def test_the_focus_stays_where_its_neighbours_go(site: Site, page: Page) -> None:
    show(site, page, "<div>waits</div> <nav><a href='#x' id='log'>Log</a></nav>")
    page.locator("#log").focus()
    answer(site, page, "<nav><a href='#y' id='plan'>Plan</a> <a href='#x' id='log'>Log</a></nav>")
    assert page.evaluate("document.activeElement.id") == "log"


def test_a_press_that_an_answer_meets_is_a_click(site: Site, page: Page) -> None:
    show(site, page, f"<p>step 1</p>{STOP}")
    page.evaluate("document.querySelector('#stop').onclick = () => { window.clicked = true; }")
    page.locator("#stop").hover()
    page.mouse.down()
    answer(site, page, f"<p>step 2</p>{STOP}")
    page.mouse.up()
    assert page.evaluate("window.clicked") is True


def test_an_open_menu_stays_open(site: Site, page: Page) -> None:
    menu = site.html('{% call c.menu("more", "More") %}{{ c.item("Copy", "copy") }}{% endcall %}')
    show(site, page, f"<p>one</p>{menu}")
    page.get_by_role("button", name="More").click()
    answer(site, page, f"<p>two</p>{menu}")
    expect(page.get_by_role("menuitem", name="Copy")).to_be_visible()


def test_what_comes_new_asks_the_server_too(site: Site, page: Page) -> None:
    show(site, page, "<p>one</p>")
    link = '<a href="/more" hx-get="/more" hx-target="#now" hx-swap="innerHTML">%s</a>'
    answer(site, page, link % "More")
    site.routes["/most"] = lambda _: (200, {}, "<p>all of it</p>")
    answer(site, page, (link % "Most").replace("/more", "/most"))
    page.get_by_role("link", name="Most").click()
    page.locator("#now", has_text="all of it").wait_for()
    assert site.asked[-1] == "/most"


def test_a_region_can_replace_itself(site: Site, page: Page) -> None:
    region = REGION.replace("innerHTML", "outerHTML")
    site.open(region % "<p>one</p>")
    answer(site, page, '<div id="now"><p>the last word</p></div>')
    assert page.locator("#now").get_attribute("hx-get") is None
    assert inner(page) == "<p>the last word</p>"


def test_times_of_an_answer_are_the_readers_at_once(site: Site, page: Page) -> None:
    utc = '<time datetime="2020-01-01T00:00:00Z" title="2020-01-01 00:00 UTC" data-at>%s</time>'
    show(site, page, utc % "1 Jan 00:00 UTC")
    shown = page.locator("time").text_content()
    page.evaluate("document.addEventListener('htmx:afterSettle', () => {"
                  " window.seen = document.querySelector('time').textContent; })")  # fmt: skip
    answer(site, page, utc % "1 Jan 00:00 UTC")
    assert page.evaluate("window.seen") == shown != "1 Jan 00:00 UTC"
