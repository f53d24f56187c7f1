"""The log of a run without scripts."""

import re

import pytest

from app.extensions import redis
from app.web import plain_log
from tests.services.output import batch, end, held_task, numbered, sink_of
from tests.web.readers import reader


@pytest.fixture
def get(browser, project):
    return reader(browser, f"/p/{project.id}/runs")


@pytest.fixture
def task(project):
    """A finished run with 5,000 lines, some of them coloured."""
    held = held_task(project)
    sink = sink_of(held, redis.client)
    sink.take(batch(0, b"\x1b[31mred <b>\x1b[0m\n10 %\r100 %\r\n", 1))
    sink.take(batch(2, numbered(2, 4997), 2))
    sink.take(batch(4999, "das Ende, größer\n".encode(), 3))
    sink.flush()
    return end(held)


def test_the_page_of_a_run_holds_both_ends_of_the_log(get, task):
    html = get(f"/{task.id}")
    bare = html.split("<noscript>")[1].split("</noscript>")[0]
    assert "red &lt;b&gt;\n100 %\n" in bare and "das Ende, größer</pre>" in bare
    assert "4,600 lines left out here" in bare and "/log.html" in bare
    assert "\x1b" not in html


@pytest.mark.parametrize(
    ("said", "line"),
    [
        (b"Traceback (most recent call last):\nValueError\nbye\n", 301),
        (b"ok\n\x1b[31mFATAL\x1b[0m: no such host\nbye\n", 302),
        (b"that\nwas\nall\n", 303),
    ],
)
def test_a_failed_run_links_the_first_late_line_that_looks_like_an_error(get, project, said, line):
    held = held_task(project)
    sink = sink_of(held, redis.client)
    sink.take(batch(0, b"error: long ago\n" + numbered(1, 299) + said, 1))
    sink.flush()
    end(held, "error")
    assert f"/runs/{held.id}#L{line}" in get(f"/{held.id}")


def test_a_short_log_is_whole(get, project):
    held = held_task(project)
    sink = sink_of(held, redis.client)
    sink.take(batch(0, b"one\ntwo\n", 1))
    sink.flush()
    end(held)
    bare = get(f"/{held.id}").split("<noscript>")[1]
    assert "one\ntwo</pre>" in bare and "left out" not in bare and "Last lines" not in bare


def test_huge_lines_do_not_make_a_huge_page(project, get):
    held = held_task(project)
    sink = sink_of(held, redis.client)
    sink.take(batch(0, b"x" * 100_000 + b"\n" + b"y" * 100_000 + b"\n", 1))
    sink.flush()
    end(held)
    bare = get(f"/{held.id}").split("<noscript>")[1].split("</noscript>")[0]
    assert len(bare) < 3 * plain_log.MOST and "x" * plain_log.WIDTH + "…" in bare


def test_the_plain_log_has_pages_whose_lines_can_be_linked(get, task):
    first = get(f"/{task.id}/log.html")
    assert "5,000 lines, page 1 of 3" in first and '<li id="L1">red &lt;b&gt;</li>' in first
    assert '<li id="L2000">' in first and '<li id="L2001">' not in first
    last = get(f"/{task.id}/log.html?page=3")
    assert 'start="4001"' in last and "das Ende, größer</li>" in last
    assert "?page=2" in last and "?page=4" not in last


def test_the_plain_log_leads_to_its_first_and_last_page(get, task):
    middle = get(f"/{task.id}/log.html?page=2")
    pager = middle.split('aria-label="Pages"')[1]
    assert "page 2 of 3" in pager
    assert re.findall(r'href="[^"]*page=(\d)"', pager) == ["1", "1", "3", "3"]
    assert all(f"<span>{word}</span>" in pager for word in ("First", "Previous", "Next", "Last"))


@pytest.mark.parametrize(("page", "shown"), [("0", 1), ("-3", 1), ("x", 1), ("99", 3)])
def test_a_page_that_does_not_exist_is_the_nearest_one(get, task, page, shown):
    assert f"page {shown} of 3" in get(f"/{task.id}/log.html?page={page}")
