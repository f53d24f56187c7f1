"""The log viewer: every line at its place, whatever the size, the path and the mishaps."""

import json

import pytest
from playwright.sync_api import Page

from tests.js.runs import URL, Run
from tests.js.site import Site

pytestmark = [pytest.mark.browser]

MILLION = 1_000_000

ROWS = "document.querySelector('.log-view').log"


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.locator(".log-view").press(key)


def test_it_begins_at_the_first_line_of_a_finished_run(site: Site) -> None:
    run = Run(site, 5312)
    run.open()
    assert run.numbers()[0] == 1
    assert run.are_right()
    assert site.page.locator(".log-view").get_attribute("aria-label") == "Log, 5,312 lines"
    assert site.page.locator(".log-time").first.inner_text() == "22:13:20"


def test_a_million_lines_are_a_few_hundred_nodes(site: Site) -> None:
    run = Run(site, MILLION)
    run.open()
    for number in (500_000, 1, 999_999, 250_001, 42, 1_000_000):
        site.page.evaluate(f"{ROWS}.goTo({number - 1})")
        run.settle()
        assert number in run.numbers()
        assert run.are_right()
    assert site.page.evaluate("document.getElementsByTagName('*').length") <= 700


@pytest.mark.parametrize("total", [3000, MILLION])
def test_the_wheel_moves_by_exact_pixels(site: Site, total: int) -> None:
    run = Run(site, total)
    run.open("#L1000")
    first = run.numbers()[0]
    site.page.locator(".log-view").hover()
    for _ in range(20):
        site.page.mouse.wheel(0, 100)
        site.page.wait_for_timeout(30)
    site.page.wait_for_timeout(300)
    run.settle()
    assert run.numbers()[0] - first == 100  # 2,000 px of 20 px each
    assert run.are_right()


def test_keys_move_to_both_ends(site: Site) -> None:
    run = Run(site, 3000)
    run.open()
    press(site.page, "End")
    run.settle()
    assert run.numbers()[-1] == 3000
    press(site.page, "Home")
    run.settle()
    assert run.numbers()[0] == 1
    press(site.page, "j", "j", "ArrowDown", "k")
    run.settle()
    assert run.numbers()[0] == 3


def test_wrapped_lines_keep_their_places(site: Site) -> None:
    site.page.set_viewport_size({"width": 390, "height": 844})
    run = Run(site, 2000)
    run.text = lambda n: f"line {n + 1} " + "word " * (n % 60)
    run.open("#L1000")
    assert site.page.locator(".log-view.wrap").count() == 1
    assert 1000 in run.numbers()
    press(site.page, "End")
    run.settle()
    assert run.numbers()[-1] == 2000
    for _ in range(5):
        press(site.page, "PageUp")
        run.settle()
    assert run.numbers() == list(range(run.numbers()[0], run.numbers()[-1] + 1))
    assert run.are_right()
    assert site.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_chunk_that_falls_short_is_asked_for_again(site: Site) -> None:
    run = Run(site, 3000)
    run.short = {500}
    run.open("#L900")
    site.wait(run.are_right)
    assert site.asked.count(f"{URL}/lines?from=500&count=500") == 2


def test_a_permalink_selects_and_centres_its_lines(site: Site) -> None:
    run = Run(site, 5000)
    run.open("#L2000-L2002")
    selected = site.page.locator(".is-target .log-number").all_inner_texts()
    assert selected == ["2000", "2001", "2002"]
    numbers = run.numbers()
    assert abs(numbers.index(2000) - len(numbers) // 2) <= 2
    site.page.evaluate("location.hash = '#L10'")
    run.settle()
    assert 10 in run.numbers()


def test_clicks_on_numbers_make_a_range_that_is_copied_whole(site: Site) -> None:
    run = Run(site, 5000)
    run.text = lambda n: f"\x1b[32mline {n + 1}\x1b[0m"
    run.open()
    site.page.locator(".log-number", has_text="3").first.click()
    site.page.evaluate(f"{ROWS}.goTo(2999)")
    run.settle()
    site.page.get_by_text("3000", exact=True).click(modifiers=["Shift"])
    assert site.page.evaluate("location.hash") == "#L3-L3000"
    press(site.page, "Control+c")
    site.page.locator(".toast", has_text="2,998 lines copied").wait_for()
    copied = site.page.evaluate("navigator.clipboard.readText()")
    assert copied.split("\n") == [f"line {n}" for n in range(3, 3001)]


def test_search_counts_exactly_and_walks_through_all_hits(site: Site) -> None:
    run = Run(site, 60_000)
    run.text = lambda n: f"\x1b[31mbad \x1b[0mthing {n + 1}" if n % 10 == 4 else f"line {n + 1}"
    run.open()
    field = site.page.locator("#log-search")
    field.fill("BAD thing")
    count = site.page.locator("[data-log=count]")
    site.wait(lambda: count.inner_text() == "1 of 6,000")
    run.settle()
    assert site.page.locator(".is-current mark").all_inner_texts() == ["bad ", "thing"]
    field.press("Enter")
    assert count.inner_text() == "2 of 6,000"
    field.press("Shift+Enter")
    site.page.evaluate(f"{ROWS}.showHit(1999)")
    press(site.page, "n")
    site.wait(lambda: count.inner_text() == "2,001 of 6,000")
    run.settle()
    assert 20_005 in run.numbers()
    press(site.page, "Escape")
    site.wait(lambda: count.inner_text() == "")
    site.wait(lambda: site.page.locator("mark").count() == 0)


def test_a_search_without_hits_says_so(site: Site) -> None:
    run = Run(site, 100)
    run.open()
    site.page.locator("#log-search").fill("nowhere")
    site.wait(lambda: site.page.locator("[data-log=count]").inner_text() == "No match")


def test_output_cannot_become_markup(site: Site) -> None:
    corpus = [
        "<script>window.hacked = 1</script>",
        "<img src=x onerror='window.hacked=1'>",
        "\x1b[31m<b>bold</b>\x1b[0m",
        "\x1b]8;;javascript:window.hacked=1\x07click\x1b]8;;\x07",
        '\x1b]8;;https://example.org/"onmouseover="window.hacked=1\x07link\x1b]8;;\x07',
        "&lt;i&gt; &amp; \u202egnp.exe",
        "\x1b[31",
    ]
    run = Run(site, len(corpus))
    run.text = lambda n: corpus[n]
    run.open()
    site.page.locator("#log-search").fill("<b>")
    site.wait(lambda: site.page.locator("mark").count() > 0)
    assert site.page.evaluate("window.hacked") is None
    assert site.page.locator(".log-text :is(b, i, img, script)").count() == 0
    links = site.page.locator(".log-text a")
    assert links.count() == 1
    assert links.first.get_attribute("rel") == "noreferrer"


def test_a_line_of_a_megabyte_is_shown(site: Site) -> None:
    run = Run(site, 3)
    run.text = lambda n: "x" * 1_000_000 if n == 1 else f"line {n + 1}"
    run.open()
    assert [len(text) for _, text in run.rows()] == [6, 1_000_000, 6]


def test_failed_parts_are_walked_through(site: Site) -> None:
    run = Run(site, 3000)
    kinds = [
        ("phase", "ok", 0, 9, None),
        ("phase", "fail", 10, 2999, None),
        ("task", "fail", 100, 199, 2),
    ]
    run.sections = [
        {
            "id": i,
            "parent": parent,
            "kind": kind,
            "title": f"Part {i}",
            "from": first,
            "to": last,
            "status": status,
            "ms0": 1000,
            "ms1": 2200,
        }
        for i, (kind, status, first, last, parent) in enumerate(kinds, start=1)
    ]
    run.open()
    assert site.page.locator(".log-sum").first.inner_text().split() == ["Part", "1", "1.2", "s"]
    site.page.locator("[data-log=error]").click()
    run.settle()
    assert site.page.locator(".is-target .log-number").all_inner_texts() == ["200"]


def test_a_run_without_output_says_so(site: Site) -> None:
    Run(site, 0).open()
    assert site.page.locator("[data-log=note]").inner_text() == "This run wrote no output."


def test_the_page_takes_title_and_icon_from_its_header(site: Site) -> None:
    run = Run(site, 1, done=False)
    head = '<div id="h" hx-get="/head" hx-trigger="run:42 from:body" hx-target="this"></div>'
    state = '<p data-title="✓ A run" data-icon="/static/favicon-ok.svg">over</p>'
    site.routes["/head"] = lambda _: (200, {}, state)
    body = head + site.html("{% call c.log(url, 42, 1, False) %}{% endcall %}", url=URL)
    site.open(body, URL, "run.js")
    run.settle()
    site.wait(lambda: len(site.said) == 2)
    site.frame(i="8-0", t="run", id=42, tpl=1, st="success")
    site.wait(lambda: site.page.title() == "✓ A run")
    assert site.page.locator("link[rel=icon]").get_attribute("href") == "/static/favicon-ok.svg"
    assert json.dumps(site.said[0]) == '{"op": "hello", "last": "7-0"}'
