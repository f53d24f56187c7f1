import pytest

from app.db import db
from app.extensions import redis
from app.models import TaskSection
from tests import factories
from tests.services.output import batch, end, held_task, numbered, sink_of

ESCAPES = b"\x1b[32mok\x1b[0m: web-1\nfailed: web-2\n"


@pytest.fixture
def task(project):
    task = held_task(project)
    sink = sink_of(task, redis.client)
    sink.take(batch(0, ESCAPES, 1732354808123))
    sink.take(batch(2, numbered(2, 998), 1732354809123))
    sink.flush()
    sink.take(batch(1000, b"the last one\n", 1732354810123))
    return task


@pytest.fixture
def finished(task):
    sink_of(task, redis.client).flush()
    db.session.refresh(task)
    return end(task)


@pytest.fixture
def get(browser, task):
    """Read something of the run's log: get("lines?from=3", name="dave")."""
    address = f"/p/{task.project_id}/runs/{task.id}"

    def read(what: str, name: str = "dave", **headers: str):
        return browser(name).get(f"{address}/{what}", headers=headers)

    return read


def test_lines_of_a_running_task(get):
    answer = get("lines?from=1&count=2")
    assert answer.get_json() == {
        "from": 1,
        "total": 1001,
        "done": False,
        "t": [[1, 1732354808123], [2, 1732354809123]],
        "l": ["failed: web-2", "line 2 "],
    }
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert len(get("lines").get_json()["l"]) == 500
    assert get("lines?from=1000").get_json()["l"] == ["the last one"]
    assert get("lines?from=99999").get_json()["l"] == []


def test_full_ranges_of_a_finished_task_are_kept_for_good(get, finished):
    assert "immutable" in get("lines?from=0&count=500").headers["Cache-Control"]
    assert "private" in get("lines?from=0&count=500").headers["Cache-Control"]
    last = get("lines?from=500&count=501")
    assert last.get_json()["done"] is True
    assert "immutable" not in last.headers["Cache-Control"]


def test_what_has_not_changed_is_not_sent_again(get):
    answer = get("lines?from=0&count=5")
    again = get("lines?from=0&count=5", **{"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_sections_since_a_revision(get, task):
    assert get("sections").get_json() == {"rev": 0, "s": []}
    section = TaskSection(
        task_id=task.id, seq=1, kind="phase", title="Run", first_line=0, first_ms=1000, rev=3
    )
    db.session.add(section)
    db.session.commit()
    answer = get("sections?since=0").get_json()
    assert answer["rev"] == section.rev
    assert answer["s"] == [
        {
            "id": 1,
            "parent": None,
            "kind": "phase",
            "title": "Run",
            "from": 0,
            "to": None,
            "status": "",
            "ms0": 1000,
            "ms1": None,
            "ok": 0,
            "changed": 0,
            "failed": 0,
            "skipped": 0,
            "unreachable": 0,
        }
    ]
    assert get(f"sections?since={section.rev}").get_json() == {"rev": section.rev, "s": []}


def test_search(get):
    assert get("search?q=OK: web").get_json() == {"total": 1, "lines": [0], "more": False}
    assert get("search?q=OK: web&cs=1").get_json()["total"] == 0
    assert get("search?q=web-[12]&re=1").get_json()["lines"] == [0, 1]
    assert get("search?q=line&from=998").get_json() == {
        "total": 998,
        "lines": [998, 999],
        "more": False,
    }


def test_the_text_is_plain_and_has_a_name(get):
    answer = get("log.txt")
    assert answer.data.startswith(b"ok: web-1\nfailed: web-2\nline 2 \n")
    assert answer.data.endswith(b"line 999 \nthe last one\n")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Content-Disposition"] == "inline; filename=hello-1.log"


def test_the_text_with_times(get):
    first, *_, last = get("log.txt?time=iso").text.splitlines()
    assert first == "2024-11-23T09:40:08.123Z ok: web-1"
    assert last == "2024-11-23T09:40:10.123Z the last one"


def test_the_raw_text_keeps_its_colours(get):
    answer = get("log.ansi")
    assert answer.data.startswith(ESCAPES)
    assert answer.headers["Content-Disposition"] == "inline; filename=hello-1.ansi.log"


def test_the_text_travels_compressed(get):
    answer = get("log.txt", **{"Accept-Encoding": "br"})
    assert answer.headers["Content-Encoding"] == "br"
    assert len(answer.data) < 5000


def test_the_name_of_the_text_comes_from_the_template(browser, project):
    for name, expected in {"Deploy — Web!": "deploy-web", "Деплой": "run"}.items():
        task = factories.task(factories.template(project, name=name))
        answer = browser("dave").get(f"/p/{project.id}/runs/{task.id}/log.txt")
        assert answer.data == b""
        assert f"filename={expected}-{task.id}.log" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(
    ("address", "field", "reason"),
    [
        ("lines?from=-1", "from", "number"),
        ("lines?from=1e3", "from", "number"),
        ("lines?count=99999999999999999999", "count", "number"),
        ("lines?from=9999999999999999999", "from", "number"),
        ("sections?since=x", "since", "number"),
        ("search?q=", "q", "Enter"),
        ("search", "q", "Enter"),
        (f"search?q={'x' * 501}", "q", "500"),
        ("search?q=(a&re=1", "q", "missing )"),
        ("search?q=a&re=2", "re", "one of"),
        ("search?q=a&cs=yes", "cs", "one of"),
        ("search?q=a&from=²", "from", "number"),
        ("log.txt?time=unix", "time", "one of"),
    ],
)
def test_what_cannot_be_answered_says_why(get, address, field, reason):
    answer = get(address)
    assert answer.status_code == 422
    assert reason in answer.get_json()["fields"][field]
    assert reason in answer.get_json()["error"]


@pytest.mark.parametrize("what", ["lines", "sections", "search?q=x", "log.txt", "log.ansi"])
def test_only_the_project_sees_it(get, browser, task, what):
    people = {"alice": 200, "bob": 200, "carol": 200, "dave": 200, "root": 200, "mallory": 404}
    assert {name: get(what, name).status_code for name in people} == people
    other = factories.project("Mallory's project")
    assert browser("root").get(f"/p/{other.id}/runs/{task.id}/{what}").status_code == 404
    assert browser("root").get(f"/p/{task.project_id}/runs/{10**30}/{what}").status_code == 404
