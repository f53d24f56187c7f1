import csv
import io
import re

import pytest

from app.db import db
from app.models import TaskStatus
from app.services import task_hosts
from tests import factories
from tests.services.hosts import tell
from tests.web.readers import HX, reader

HOSTILE = """"><script>alert(1)</script>"""
DETAIL = {
    "msg": HOSTILE,
    "stdout": f"out {HOSTILE}",
    "diff": "-old\n+new",
    "rc": 2,
    "action": "command",
    "items": [{"item": HOSTILE, "status": "failed", "msg": "no"}],
    "item_count": 1,
}
HOSTS = {
    "web1": ["ok", "changed"],
    HOSTILE: ["ok"],
    "db1": ["ok", ("failed", {"detail": DETAIL})],
}


@pytest.fixture
def template(project):
    return factories.template(
        project, "Site", app="ansible", task_params={"allow_override_limit": True}
    )


@pytest.fixture
def task(template):
    task = factories.task(template, status=TaskStatus.ERROR)
    tell(task, HOSTS)
    return task


@pytest.fixture
def get(browser, project, task):
    return reader(browser, f"/p/{project.id}/runs/{task.id}", "/hosts")


def test_the_table_shows_who_is_in_trouble_first(get) -> None:
    html = get()
    assert html.index(">db1<") < html.index(">web1<")
    assert ">1 failed</span></a>" in html  # the tab
    assert 'id="count" aria-live="polite">3 hosts<' in html


def test_the_tab_is_there_as_soon_as_there_are_hosts(get, browser, project, template) -> None:
    assert "/hosts" in get("")
    other = factories.task(template, status=TaskStatus.RUNNING)
    html = browser("dave").get(f"/p/{project.id}/runs/{other.id}").text
    assert "/hosts" not in html
    empty = browser("dave").get(f"/p/{project.id}/runs/{other.id}/hosts").text
    assert "No results yet" in empty and "every 3s" in empty


def test_a_filter_answers_with_the_table_alone(get) -> None:
    html = get("/hosts?q=web&result=changed", **HX)
    assert "<h1" not in html and ">db1<" not in html
    assert 'id="count" aria-live="polite" hx-swap-oob="true">1 host<' in html
    assert "No hosts match" in get("/hosts?q=nobody")
    assert ">db1<" in get("/hosts?result=strange&page=abc")


def test_while_it_runs_the_table_is_asked_for_again_as_it_is(get, task) -> None:
    assert "every 3s" not in get()
    task.status = TaskStatus.RUNNING
    db.session.commit()
    asked = re.search(
        r'<div id="hosts" hx-get="([^"]*)" hx-trigger="every 3s"', get("/hosts?q=web")
    )
    assert asked and asked[1].endswith("/hosts?q=web")


def test_pages_keep_the_filter(get, monkeypatch) -> None:
    monkeypatch.setattr(task_hosts, "SIZE", 1)
    assert "/hosts?q=1&amp;page=2" in get("/hosts?q=1")
    assert "/hosts?q=1&amp;page=1" in get("/hosts?q=1&page=2")


def test_a_host_shows_its_tasks_and_where_the_log_tells_of_them(get, project, task) -> None:
    html = get("/hosts/3")
    assert html.index("task 2") < html.index("task 1")
    assert f'href="/p/{project.id}/runs/{task.id}#L' in html
    sheet = get("/hosts/3", **HX)
    assert "<h1" not in sheet and 'id="sheet-title"' in sheet


def test_a_result_shows_what_the_module_has_answered(get) -> None:
    number = re.search(r'hx-get="[^"]*/hosts/3/(\d+)"', get("/hosts/3"))[1]
    for html in (get(f"/hosts/3/{number}", **HX), get(f"/hosts/3/{number}")):
        assert "<dd>2</dd>" in html and "-old\n+new" in html
        assert "out &#34;&gt;&lt;script&gt;" in html
    assert "<h1" in get(f"/hosts/3/{number}")


def test_what_is_not_there_is_not_found(browser, project, task) -> None:
    for path in ("99", "1/99"):
        answer = browser("dave").get(f"/p/{project.id}/runs/{task.id}/hosts/{path}")
        assert answer.status_code == 404


def test_the_file_for_spreadsheets_computes_nothing(get, template, browser, project) -> None:
    other = factories.task(template, status=TaskStatus.SUCCESS)
    tell(other, {"=1+1": ["ok"], "a,b": ["changed"]})
    answer = browser("dave").get(f"/p/{project.id}/runs/{other.id}/hosts/table.csv")
    assert answer.mimetype == "text/csv"
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert rows[0][:3] == ["host", "result", "ok"]
    assert [row[:2] for row in rows[1:]] == [["'=1+1", "ok"], ["a,b", "changed"]]


# Once more on those that failed


def test_it_can_be_run_again_on_the_failed_hosts(get, browser, project, task) -> None:
    button = re.search(r'href="([^"]*)"[^>]*id="rerun-failed"', get("", "carol"))
    assert button
    url = button[1].replace("&amp;", "&")
    sheet = browser("carol").get(url, headers=HX).text
    assert re.search(r'name="param.limit"[^>]*value="db1"', sheet)
    assert "Rerun 1 failed host<" in get("", "carol")


def test_who_may_not_run_gets_no_such_button(get) -> None:
    assert "rerun-failed" not in get("", "dave")


def test_where_the_limit_is_not_open_the_page_says_what_to_do(get, template) -> None:
    template.task_params = {}
    db.session.commit()
    assert "rerun-failed" not in get("", "carol")
    assert "must allow to change the limit" in get("/hosts", "carol")


@pytest.mark.parametrize("told", [{"web-***": ["failed"], "good": ["ok"]}, {"good": ["ok"]}])
def test_hosts_that_no_limit_can_name_never_become_all_hosts(
    browser, project, template, told
) -> None:
    other = factories.task(template, status=TaskStatus.ERROR)
    tell(other, told)
    run = f"/p/{project.id}/runs/{other.id}"
    assert "rerun-failed" not in browser("carol").get(run).text
    explained = (
        "cannot be run again on the failed hosts" in browser("carol").get(f"{run}/hosts").text
    )
    assert explained is ("web-***" in told)
    sheet = f"/p/{project.id}/templates/{template.id}/run?from={other.id}&hosts=failed"
    answer = browser("carol").get(sheet)
    assert answer.status_code == 400 and "choose the hosts yourself" in answer.text


def test_nor_where_the_limit_is_not_open(browser, project, task, template) -> None:
    template.task_params = {}
    db.session.commit()
    sheet = f"/p/{project.id}/templates/{template.id}/run?from={task.id}&hosts=failed"
    assert browser("carol").get(sheet, headers=HX).status_code == 400


def test_without_the_right_to_limit_it_says_what_to_change(browser, project) -> None:
    task = factories.task(factories.template(project, app="ansible"), status=TaskStatus.ERROR)
    tell(task, HOSTS)
    url = f"/p/{project.id}/runs/{task.id}/hosts"
    edit = f"/p/{project.id}/templates/{task.template_id}/edit"
    assert edit in browser("bob").get(url).text
    page = browser("carol").get(url).text
    assert "must allow to change the limit" in page and edit not in page


def test_the_tab_comes_with_the_first_result(browser, project) -> None:
    task = factories.task(factories.template(project, app="ansible"), status=TaskStatus.RUNNING)
    url = f"/p/{project.id}/runs/{task.id}/_header?tab=Details"
    head = browser("dave").get(url, headers=HX).text
    assert "/hosts" not in head and "load delay:2s" in head
    assert re.search(r'aria-current="page"[^>]*>Details', head)
    tell(task, HOSTS)
    head = browser("dave").get(url, headers=HX).text
    assert f"/runs/{task.id}/hosts" in head and "load delay:2s" not in head


def test_a_script_has_no_hosts_to_wait_for(browser, project) -> None:
    task = factories.task(factories.template(project), status=TaskStatus.RUNNING)
    head = browser("dave").get(f"/p/{project.id}/runs/{task.id}/_header", headers=HX).text
    assert "load delay:2s" not in head
