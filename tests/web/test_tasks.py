"""The list of runs, and what can be done with a run on its page."""

import re

import pytest

from app.models import TaskStatus
from app.services import keyset
from tests import factories
from tests.web.readers import HX, reader

PEOPLE = ("alice", "bob", "carol", "dave")


@pytest.fixture
def template(project):
    return factories.template(project, "Deploy")


@pytest.fixture
def get(browser, project):
    return reader(browser, f"/p/{project.id}/runs")


def listed(html):
    return [int(number) for number in re.findall(r'<tr id="run-(\d+)"', html)]


# The list


def test_the_list_is_a_page_and_its_rows_a_fragment(get, template):
    run = factories.task(template, status=TaskStatus.SUCCESS)
    assert "<h1" in get() and listed(get()) == [run.id]
    fragment = get(**HX)
    assert "<h1" not in fragment and listed(fragment) == [run.id]
    assert 'id="count" aria-live="polite" hx-swap-oob="true">1 run<' in fragment


def test_filters_narrow_and_stay_in_the_links(get, project, template, cast, monkeypatch):
    monkeypatch.setattr(keyset, "SIZE", 1)
    bob = cast["bob"].id
    mine = [factories.task(template, status="error", user_id=bob).id for _ in range(2)]
    factories.task(template, status="success", user_id=bob)
    html = get(f"?status=error&by={bob}&q=depl&template={template.id}", **HX)
    assert listed(html) == [mine[1]] and ">2 runs<" in html
    older = re.search(r'href="([^"]*before=[^"]*)"', html)[1].replace("&amp;", "&")
    assert "status=error" in older and f"by={bob}" in older
    assert listed(get(older.removeprefix(f"/p/{project.id}/runs"))) == [mine[0]]


@pytest.mark.parametrize("query", ["status=nope", "before=x", "template=-1", "by=9" * 30])
def test_what_no_filter_means_is_left_out(get, template, query):
    run = factories.task(template)
    assert listed(get(f"?{query}")) == [run.id]


def test_without_runs_it_says_what_will_be_here_and_without_matches_how_to_go_on(get):
    assert "No runs yet" in get()
    assert "No runs match" in get("?status=error") and "Clear filters" in get("?status=error")


def test_newer_runs_are_counted_above_the_list_and_do_not_move_it(get, project, template):
    first = factories.task(template)
    news = re.search(r'hx-get="([^"]*/_new[^"]*)"', get())[1].removeprefix(f"/p/{project.id}/runs")
    assert "chip" not in get(news, **HX)
    factories.task(template), factories.task(template)
    assert "2 new runs" in get(f"/_new?since={first.id}", **HX)
    own = get(f"/_new?since={first.id}&template={template.id}&own=1", **HX)
    assert f'href="/p/{project.id}/templates/{template.id}"' in own


def test_a_row_alone_says_the_same_as_in_the_list(get, browser, project, template):
    run = factories.task(template, status="error", reason="Exit code 3", message="Try again")
    for path, expected in [("?named", "Deploy"), ("", "Try again")]:
        row = get(f"/{run.id}/_row{path}", **HX)
        assert listed(row) == [run.id] and "<html" not in row
        assert "Exit code 3" in row and expected in row
    answer = browser("dave").get(f"/p/{project.id}/runs/{run.id}/_row")
    assert answer.location == f"/p/{project.id}/runs/{run.id}"


def test_the_list_takes_the_same_queries_whatever_its_length(
    browser, project, template, cast, count_queries
):
    client = browser("dave")
    client.get(f"/p/{project.id}/runs")
    sent = []
    for _ in range(2):
        for name in PEOPLE:
            factories.task(template, user_id=cast[name].id)
        with count_queries() as statements:
            client.get(f"/p/{project.id}/runs")
        sent.append(len(statements))
    assert sent[0] == sent[1]


def test_the_side_bar_counts_what_has_not_finished(get, project, template):
    assert f'hx-get="/p/{project.id}/runs/_count"' in get() and "unfinished" not in get(
        "/_count", **HX
    )
    for status in ("waiting", "running", "success"):
        factories.task(template, status=status)
    assert ">unfinished: </span>2</span>" in get("/_count", **HX)
    assert ">unfinished: </span>2</span>" in get()
