"""Folding: what is folded is out of the way, and every other line is still at its place."""

from typing import Any

import pytest

from tests.js.runs import Run
from tests.js.site import Site

pytestmark = [pytest.mark.browser]

VIEW = "document.querySelector('.log-view').log"
MANY = 41_000


def part(id: int, first: int, last: int | None, **given: Any) -> dict[str, Any]:
    usual = {"parent": None, "kind": "task", "title": f"task {id}", "status": "success"}
    counts = dict.fromkeys(("ok", "changed", "failed", "skipped", "unreachable"), 0)
    ends = {"ms0": 1000, "ms1": 2500 if last is not None else None}
    return usual | counts | ends | {"id": id, "from": first, "to": last} | given


def playbook(site: Site, total: int = 300) -> Run:
    """A play from line 10 on with tasks of fifty lines; the third has failed."""
    run = Run(site, total)
    play = part(1, 10, total - 1, kind="play", title="web")
    tasks = [
        part(n + 2, n * 50 + 20, min(n * 50 + 69, total - 1)) for n in range((total - 20) // 50)
    ]
    tasks[2] |= {"status": "failed", "failed": 1, "ok": 57}
    run.sections = [play, *tasks]
    run.text = lambda n: f"TASK [{n + 1}] ******" if n % 50 == 20 else f"line {n + 1}"
    return run


def fold(site: Site, line: int) -> None:
    """Press the button of the part that begins at a line, as screens number them."""
    row = site.page.locator(".log-line:visible", has=site.page.locator(f"text='{line}'"))
    row.locator(".log-fold").click()


def test_a_folded_part_is_one_row_and_the_lines_after_it_follow(site: Site) -> None:
    run = playbook(site)
    run.open()
    fold(site, 21)
    run.settle()
    numbers = run.numbers()
    assert numbers[: numbers.index(21) + 2] == [*range(1, 22), 71]
    assert numbers[-1] - 71 == len(numbers) - 22
    fold(site, 21)
    run.settle()
    assert run.numbers()[:30] == list(range(1, 31))


def test_the_button_says_what_it_folds(site: Site) -> None:
    run = playbook(site)
    run.open("#L121")
    button = site.page.get_by_role("button", name="task task 4")
    assert button.get_attribute("aria-label") == "task task 4, 57 ok · 1 failed, 1.5 s"
    assert button.get_attribute("aria-expanded") == "true"
    button.click()
    run.settle()
    assert button.get_attribute("aria-expanded") == "false"
    assert button.get_attribute("aria-label").endswith("1 failed, 50 lines, 1.5 s")


def test_a_banner_is_shown_without_its_stars(site: Site) -> None:
    run = playbook(site)
    run.open()
    assert (21, "TASK [21]") in run.rows()


def test_all_tasks_are_folded_by_one_key(site: Site) -> None:
    run = playbook(site)
    run.open()
    site.page.locator(".log-view").press("F")
    run.settle()
    assert (
        run.numbers() == [*range(1, 22), 71, 121, 171, 221, *range(271, 301)][: len(run.numbers())]
    )
    site.page.locator(".log-view").press("F")
    run.settle()
    assert run.numbers()[:40] == list(range(1, len(run.numbers()) + 1))[:40]


def test_the_part_on_top_is_folded_by_one_key(site: Site) -> None:
    run = playbook(site)
    run.open()
    site.page.evaluate(f"{VIEW}.moveTo(95)")
    site.page.locator(".log-view").press("f")
    run.settle()
    assert run.numbers()[0] == 71
    assert run.numbers()[1] == 121


def test_an_address_opens_what_hides_its_line(site: Site) -> None:
    run = playbook(site)
    run.open()
    site.page.locator(".log-view").press("F")
    site.page.evaluate("location.hash = '#L100'")
    run.settle()
    assert 100 in run.numbers() and 99 in run.numbers()
    assert 22 not in run.numbers()


def test_search_opens_what_it_finds(site: Site) -> None:
    run = playbook(site)
    run.open()
    site.page.locator(".log-view").press("F")
    site.page.locator("#log-search").fill("line 200")
    site.page.wait_for_function(f"{VIEW}.hits.length")
    run.settle()
    assert 200 in run.numbers()


def test_a_walk_to_errors_opens_them(site: Site) -> None:
    run = playbook(site)
    run.open()
    site.page.locator(".log-view").press("F")
    site.page.locator(".log-view").press("e")
    run.settle()
    assert 170 in run.numbers()


def test_a_long_log_begins_with_what_went_well_folded(site: Site) -> None:
    run = playbook(site, 3000)
    run.open()
    numbers = run.numbers()
    assert numbers[20:24] == [21, 71, 121, 122]  # the third task has failed


def test_an_address_keeps_a_long_log_open(site: Site) -> None:
    run = playbook(site, 3000)
    run.open("#L1000")
    assert 999 in run.numbers() and 1000 in run.numbers()


def test_in_a_log_without_tasks_phases_are_folded(site: Site) -> None:
    run = Run(site, 100)
    run.sections = [
        part(1, 0, 4, kind="phase", title="Git"),
        part(2, 5, 99, kind="phase", title="Run"),
    ]
    run.open()
    site.page.locator(".log-view").press("F")
    run.settle()
    assert run.numbers() == [1, 6]


def test_the_end_of_a_live_run_is_followed_though_parts_are_folded(site: Site) -> None:
    run = Run(site, 100, done=False)
    run.sections = [part(1, 10, 59), part(2, 60, None)]
    run.open()
    site.page.locator(".log-view").press("F")
    site.page.locator(".log-view").press("End")
    run.send(100, 400)
    run.settle()
    assert run.numbers()[-1] == 500
    site.page.locator(".log-view").press("Home")
    run.settle()
    assert run.numbers()[10:12] == [11, 61]


def test_very_many_parts_are_folded_at_once(site: Site) -> None:
    run = Run(site, MANY * 10)
    run.sections = [part(n, n * 10, n * 10 + 9) for n in range(MANY)]
    run.open("#L5")
    site.page.evaluate(f"{VIEW}.toggleAll()")
    run.settle()
    assert run.numbers()[1] - run.numbers()[0] == 10
    assert site.page.evaluate("document.getElementsByTagName('*').length") <= 700
