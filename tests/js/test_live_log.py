"""The log of a run that is not finished: lines that come, gaps, lost sockets, the end."""

import pytest
from playwright.sync_api import Page

from tests.js.runs import URL, Run
from tests.js.site import Site

pytestmark = [pytest.mark.browser]

ROWS = "document.querySelector('.log-view').log"


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.locator(".log-view").press(key)


def test_a_live_run_follows_its_end(site: Site) -> None:
    run = Run(site, 700, done=False)
    run.open()
    site.wait(lambda: any(said["op"] == "log" for said in site.said))
    assert site.said == [
        {"op": "hello", "last": "7-0"},
        {"op": "log", "run": 42, "from": 700, "rev": 3},
    ]
    run.send(700, 50)
    site.wait(lambda: run.numbers()[-1] == 750)
    run.settle()
    assert run.are_right()


def test_an_upward_scroll_releases_and_counts_what_is_new(site: Site) -> None:
    run = Run(site, 700, done=False)
    run.open()
    site.wait(lambda: len(site.said) == 2)
    site.page.locator(".log-view").hover()
    site.page.mouse.wheel(0, -400)
    follow = site.page.locator("[data-log=follow]")
    site.wait(lambda: follow.get_attribute("aria-pressed") == "false")
    seen = run.numbers()
    run.send(700, 1240)
    site.wait(lambda: follow.inner_text() == "1,240 new")
    assert run.numbers() == seen
    follow.click()
    site.wait(lambda: run.numbers()[-1] == 1940)
    assert follow.inner_text() == "Follow"


def test_a_change_of_size_does_not_release(site: Site) -> None:
    run = Run(site, 700, done=False)
    run.open()
    site.wait(lambda: run.numbers()[-1] == 700)
    for height in (500, 1000, 600):
        site.page.set_viewport_size({"width": 1366, "height": height})
        site.page.wait_for_timeout(100)
        run.settle()
        site.wait(lambda: run.numbers()[-1] == 700)
        assert site.page.locator("[data-log=follow]").get_attribute("aria-pressed") == "true"


def test_gaps_and_duplicates_leave_no_trace(site: Site) -> None:
    run = Run(site, 10, done=False)
    run.open()
    site.wait(lambda: len(site.said) == 2)
    run.send(10, 5)
    run.send(12, 3)
    run.send(40, 5)  # 15 to 39 never came
    site.frame(t="n", r=42, total=60)
    run.total = 60
    site.frame(t="l", r=43, o=0, ms=1, l=["of another run"] * 60)
    site.wait(lambda: run.numbers() == list(range(61 - len(run.numbers()), 61)))
    site.wait(run.are_right)


def test_a_lost_socket_resumes_where_it_stopped(site: Site) -> None:
    run = Run(site, 10, done=False)
    run.open()
    site.wait(lambda: len(site.said) == 2)
    run.send(10, 90)
    site.wait(lambda: run.numbers()[-1] == 100)
    site.sockets[-1].close()
    site.wait_for_socket(2)
    site.wait(lambda: len(site.said) == 4)
    assert site.said[2:] == [
        {"op": "hello", "last": "7-0"},
        {"op": "log", "run": 42, "from": 100, "rev": 3},
    ]
    run.send(90, 40)
    site.wait(lambda: run.numbers()[-1] == 130)
    assert run.are_right()


def test_without_a_socket_lines_come_by_http(site: Site) -> None:
    run = Run(site, 10, done=False)
    run.open()
    site.wait(lambda: len(site.said) == 2)
    site.refuses = True
    site.sockets[-1].close()
    run.total = 25
    site.wait(lambda: run.numbers()[-1] == 25)
    assert run.are_right()
    pill = site.page.locator("#socket-state")
    site.wait(lambda: pill.inner_text() == "Reconnecting… showing up to line 25")


def test_the_end_is_told_once_and_nothing_is_asked_after_it(site: Site) -> None:
    run = Run(site, 10, done=False)
    run.open()
    site.wait(lambda: len(site.said) == 2)
    run.send(10, 10)
    site.frame(t="end", r=42, total=20)
    site.wait(lambda: site.page.evaluate(f"{ROWS}.done"))
    site.sockets[-1].close()
    site.wait_for_socket(2)
    site.wait(lambda: len(site.said) == 3)
    assert site.said[2]["op"] == "hello"


def test_a_page_that_knows_fewer_lines_than_there_are_asks_for_the_end(site: Site) -> None:
    run = Run(site, 90_000, done=False)
    run.open(total=0)
    site.wait(lambda: len(site.said) == 2)
    assert site.said[1]["from"] == 90_000
    run.settle()
    assert run.numbers()[-1] == 90_000
    assert run.are_right()


def test_what_cannot_be_read_any_more_is_said_once(site: Site) -> None:
    run = Run(site, 3000)
    run.open()
    site.routes[f"{URL}/lines"] = lambda _: (404, {}, "")
    press(site.page, "End")
    note = site.page.locator("[data-log=note]")
    site.wait(note.is_visible)
    asked = len(site.asked)
    press(site.page, "Home", "End", "PageUp")
    assert "signed out" in note.inner_text()
    assert len(site.asked) == asked


def test_a_run_that_was_stopped_in_the_queue_says_that_nothing_came(site: Site) -> None:
    run = Run(site, 0, done=False)
    run.open()
    note = site.page.locator("[data-log=note]")
    assert note.inner_text() == "No output yet."
    site.frame(i="8-0", t="run", id=42, tpl=1, st="stopped")
    site.wait(lambda: note.inner_text() == "This run wrote no output.")
