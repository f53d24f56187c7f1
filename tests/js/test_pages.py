"""What every page does: sheets, dialogs, menus, toasts, keys, times, and the socket's events."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from tests.js.site import Site

pytestmark = [pytest.mark.browser]

LIST = """<a id="new" href="/things/new" hx-get="/things/new" hx-target="#sheet-body"
  hx-swap="innerHTML" data-sheet>New thing</a>
<table data-rows><tbody id="rows" hx-get="/things" hx-trigger="refresh:things from:body"
  hx-target="this" hx-swap="innerHTML"><tr><td><a href="/things/1">one</a></td></tr>
  <tr><td><a href="/things/2">two</a></td></tr></tbody></table>
{{ c.search_field("q", "Filter") }}"""
FORM = """{% call c.sheet_form("New thing", "/things", "Save thing", "/things", errors=errors) %}
{{ c.text_field("Name", "name", error=errors.get("name")) }}{% endcall %}"""


def things(site: Site) -> None:
    """A list with a sheet that makes things: names that are too short are refused."""

    def create(sent: dict[str, str]):
        if len(sent.get("name", "")) < 3:
            errors = {"name": "At least 3 characters"}
            return 422, {}, site.html(FORM, errors=errors)
        events = {"sheet:close": 1, "toast": {"text": "Thing created", "kind": "ok"}}
        return 204, {"HX-Trigger": json.dumps(events | {"refresh:things": 1})}, ""

    site.open(site.html(LIST), "/things")
    rows = "<tr><td>again</td></tr>"
    site.routes["/things/new"] = lambda _: (200, {}, site.html(FORM, errors={}))
    site.routes["/things"] = lambda sent: create(sent) if "name" in sent else (200, {}, rows)


def open_sheet(page: Page) -> None:
    page.locator("#new").click()
    page.locator("#sheet[open] #f-name").wait_for()


def test_a_sheet_has_an_address_and_the_way_back_closes_it(site: Site, page: Page) -> None:
    things(site)
    open_sheet(page)
    assert page.url.endswith("/things/new")
    assert page.evaluate("document.activeElement.id") == "f-name"
    page.go_back()
    page.locator("#sheet:not([open])").wait_for(state="attached")
    assert page.url.endswith("/things")
    assert page.locator("#sheet-body").inner_html() == ""


def test_a_refused_form_stays_with_its_errors_and_the_focus(site: Site, page: Page) -> None:
    things(site)
    open_sheet(page)
    page.locator("#f-name").fill("x")
    page.keyboard.press("Control+Enter")
    page.locator("#f-name-error").wait_for()
    assert page.locator("#sheet[open]").count() == 1
    page.wait_for_function("document.activeElement.hasAttribute('data-summary')")
    assert any(h.get("x-csrf-token") == "token-of-the-session" for h in site.headers)


def test_success_closes_the_sheet_and_reloads_the_list(site: Site, page: Page) -> None:
    things(site)
    open_sheet(page)
    page.locator("#f-name").fill("third")
    page.get_by_role("button", name="Save thing").click()
    page.locator("#sheet:not([open])").wait_for(state="attached")
    page.locator(".toast", has_text="Thing created").wait_for()
    page.locator("#rows", has_text="again").wait_for()
    site.wait(lambda: page.url.endswith("/things"))
    assert page.evaluate("document.activeElement.id") == "new"


def test_what_was_typed_is_not_lost_without_a_question(site: Site, page: Page) -> None:
    things(site)
    open_sheet(page)
    page.locator("#f-name").fill("typed")
    asked: list[str] = []
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.keyboard.press("Escape")
    assert asked == ["Discard what you have entered?"]
    assert page.locator("#sheet[open]").count() == 1
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Cancel").click()
    page.locator("#sheet:not([open])").wait_for(state="attached")


def test_a_failed_request_says_so_and_swaps_nothing(site: Site, page: Page) -> None:
    things(site)
    site.routes["/things/new"] = lambda _: (500, {}, "broken")
    page.locator("#new").click()
    page.locator(".toast.tone-fail", has_text="server error 500").wait_for()
    assert page.locator("#sheet[open]").count() == 0
    page.locator(".toast [data-close]").click()
    assert page.locator(".toasts .toast").count() == 0


def test_menus_open_at_their_button_and_move_by_arrows(site: Site, page: Page) -> None:
    site.open(
        site.html(
            """{% call c.menu("m", "Actions") %}{{ c.item("Edit", href="#edit") }}
            {{ c.item("Copy", href="#copy") }}{% endcall %}"""
        )
    )
    edit, copy = (page.get_by_role("menuitem", name=name) for name in ("Edit", "Copy"))
    page.get_by_role("button", name="Actions").click()
    expect(edit).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(copy).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(edit).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#m:popover-open")).to_have_count(0)
    expect(page.get_by_role("button", name="Actions")).to_be_focused()


def test_keys_move_in_the_list_and_to_the_search(site: Site, page: Page) -> None:
    things(site)
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.textContent.trim()") == "two"
    page.keyboard.press("k")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("jk")
    page.keyboard.press("Escape")
    assert page.locator("#q").input_value() == ""
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.evaluate("addEventListener('click', (event) => { window.led = event.target.pathname; })")
    page.evaluate("addEventListener('click', (event) => event.preventDefault())")
    page.keyboard.press("Enter")
    assert page.evaluate("window.led") == "/things/1"


def test_keys_move_along_rows_that_unfold(site: Site, page: Page) -> None:
    row = "<li><details><summary>{0}</summary><table><tbody><tr><td>x</td></tr></table></details>"
    rows = "".join(row.format(name) for name in ("one", "two"))
    site.open(site.html(f"<ul data-rows>{rows}</ul>"))
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.locator("details[open]", has_text="one").wait_for()
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.textContent") == "two"
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.textContent") == "one"


def test_single_keys_can_be_switched_off(site: Site, page: Page) -> None:
    things(site)
    page.evaluate("document.documentElement.dataset.keys = 'off'")
    page.keyboard.press("/")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.tagName") == "BODY"


def test_the_theme_is_kept(site: Site, page: Page) -> None:
    body = site.html('{{ c.choice("Dark", "moon", {"data-theme-set": "dark"}) }}')
    site.open(f'<div role="menu">{body}</div>')
    page.get_by_role("menuitemradio", name="Dark").click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.get_by_role("menuitemradio").get_attribute("aria-checked") == "true"


def test_times_become_the_readers(site: Site, page: Page) -> None:
    site.open(
        '<time id="old" datetime="2020-02-03T04:05:06Z" title="in UTC" data-ago>x</time>'
        '<time id="age" data-since="3599" title="Since …">59m 59s</time>'
    )
    page.wait_for_function("document.getElementById('age').textContent.startsWith('1h 00m')")
    assert page.locator("#old").inner_text() == "3 Feb 2020 04:05"
    assert page.locator("#old").get_attribute("title") == "3 Feb 2020, 04:05:06 UTC"


LIVE = """<p>{{ c.badge("waiting", run=42) }}{{ c.status("running", run=43) }}</p>
<ul><li id="row" hx-get="/row" hx-trigger="run:42 from:body" hx-target="this"></li>
<li id="tpl" hx-get="/tpl" hx-trigger="tpl:7 from:body" hx-target="this"></li>
<li id="all" hx-get="/all" hx-trigger="runs from:body, resync from:body" hx-target="this"></li>
</ul>"""


def test_an_event_changes_badges_at_once_and_calls_those_who_listen(site: Site, page: Page) -> None:
    for name in ("row", "tpl", "all"):
        site.routes[f"/{name}"] = lambda _: (200, {}, "again")
    site.open(site.html(LIVE))
    site.wait_for_socket()
    site.wait(lambda: site.said == [{"op": "hello", "last": "7-0"}])
    site.frame(i="8-0", t="run", id=42, tpl=7, st="success")
    badge = page.locator(".badge")
    site.wait(lambda: badge.inner_text() == "Success")
    assert badge.get_attribute("class") == "badge tone-ok"
    assert page.locator(".status[data-run='43']").inner_text() == "Running"
    site.wait(lambda: {"/row", "/tpl", "/all"} <= set(site.asked))
    site.frame(t="resync")
    site.wait(lambda: site.asked.count("/all") == 2)


def test_a_new_socket_says_what_was_seen_last(site: Site) -> None:
    site.open(site.html(LIVE))
    site.wait_for_socket()
    site.frame(i="9-1", t="run", id=1, tpl=2, st="running")
    site.wait(lambda: site.page.evaluate("true"))
    site.sockets[0].close()
    site.wait_for_socket(2)
    site.wait(lambda: site.said[-1] == {"op": "hello", "last": "9-1"})


def test_a_page_without_its_socket_says_so_and_polls(site: Site, page: Page) -> None:
    page.clock.install()
    site.open(
        site.html('<p id="poll" hx-get="/poll" hx-trigger="poll from:body" hx-target="this"></p>')
    )
    site.routes["/poll"] = lambda _: (200, {}, "again")
    site.wait_for_socket()
    site.refuses = True
    site.sockets[0].close()
    page.clock.run_for(6000)
    page.locator("#socket-state", has_text="Reconnecting…").wait_for()
    page.clock.run_for(11_000)
    site.wait(lambda: "/poll" in site.asked)


SHEET = """{% call c.sheet_form("Run Site", "/run", "Run", "/", attrs={"id": "sent"}) %}
{{ c.text_field("Message", "message", "") }}{% endcall %}"""


@pytest.mark.parametrize("is_partial", [True, False])
def test_a_form_is_sent_once_however_often_its_keys_are_pressed(
    site: Site, page: Page, is_partial: bool
) -> None:
    site.routes["/run"] = lambda _: (204, {"HX-Redirect": "#run"} if is_partial else {}, "")
    body = site.html(SHEET)
    site.open(body if is_partial else re.sub(r' hx-[a-z-]+="[^"]*"', "", body))
    page.locator("#f-message").fill("m")
    for _ in range(3):
        page.locator("#f-message").press("Control+Enter")
        page.locator("#f-message").press("Enter")
        page.wait_for_timeout(100)
    assert site.asked.count("/run") == 1


def test_a_form_that_was_not_taken_is_sent_again(site: Site, page: Page) -> None:
    site.routes["/run"] = lambda _: (500, {}, "")
    site.open(site.html(SHEET))
    page.locator("#f-message").fill("m")
    for count in (1, 2):
        page.locator("#f-message").press("Control+Enter")
        site.wait(lambda count=count: site.asked.count("/run") == count)
        expect(page.locator("#sent[data-sent]")).to_have_count(0)
