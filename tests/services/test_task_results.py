"""What hosts come to: from a run's reporter to rows that pages read."""

from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import select

from app.db import db
from app.models import Task, TaskHost, TaskResult, TaskSection, TaskStatus
from app.services import task_results
from app.services.task_output_writer import Fenced, TaskOutput
from app.services.task_reporter import TaskReporter
from tests import factories
from tests.lib.processes import until

MANY = 1000


@pytest.fixture
def task(project) -> Task:
    template = factories.template(project, app="ansible")
    return factories.task(template, status=TaskStatus.RUNNING, claim="mine", lease_until=1)


@pytest.fixture
def output(task: Task):
    with closing(TaskOutput(task.id, "mine")) as output:
        output.hide(["hunter22"])
        yield output


@pytest.fixture
def reporter(task: Task, output: TaskOutput) -> TaskReporter:
    return TaskReporter(task, "mine", output)


def result(reporter: TaskReporter, host: str = "web", status: str = "ok", **given: Any) -> None:
    usual = {
        "ignored": False,
        "rescued": False,
        "started": 5,
        "duration": 7,
        "detail": {},
        "line": 3,
    }
    reporter.event("result", host=host, status=status, **usual | given)


def part(reporter: TaskReporter, kind: str, title: str, line: int | None) -> None:
    reporter.event("part", part=kind, title=title, line=line)


def hosts(task: Task) -> dict[str, TaskHost]:
    query = select(TaskHost).filter_by(task_id=task.id).order_by(TaskHost.seq)
    return {row.host: row for row in db.session.scalars(query)}


def results(task: Task) -> list[TaskResult]:
    query = select(TaskResult).filter_by(task_id=task.id).order_by(TaskResult.seq)
    return list(db.session.scalars(query))


def sections(task: Task) -> list[TaskSection]:
    query = select(TaskSection).filter_by(task_id=task.id).order_by(TaskSection.seq)
    return list(db.session.scalars(query))


def test_results_are_stored_with_the_lines(task, output, reporter) -> None:
    part(reporter, "task", "install", 2)
    result(reporter, detail={"msg": "done"})
    output.drain()
    [row] = results(task)
    assert (row.status, row.first_ms, row.duration_ms, row.line) == ("ok", 5, 7, 3)
    assert (row.host_seq, row.section_seq) == (hosts(task)["web"].seq, sections(task)[0].seq)
    assert task_results.unpack(row.detail) == {"msg": "done"}


def test_hosts_are_counted_as_ansible_counts_them(task, output, reporter) -> None:
    for status in ("ok", "changed", "skipped", "failed", "unreachable"):
        result(reporter, status=status)
    result(reporter, status="failed", ignored=True)
    result(reporter, status="failed", rescued=True)
    output.drain()
    web = hosts(task)["web"]
    assert (web.ok, web.changed, web.skipped, web.failed, web.unreachable) == (3, 1, 1, 1, 1)
    assert (web.ignored, web.rescued, web.duration_ms) == (1, 1, 49)
    assert [row.ignored for row in results(task)][-2:] == [True, True]


def test_what_ansible_has_counted_stands(task, output, reporter) -> None:
    result(reporter)
    output.drain()
    reporter.event("recap", hosts={"web": {"ok": 5}, "db": {"failed": 1}})
    output.drain()
    assert (hosts(task)["web"].ok, hosts(task)["db"].failed) == (5, 1)


def test_parts_lie_in_their_play_and_end_with_the_next(task, output, reporter) -> None:
    reporter.event("section", phase="Run", state="begin")
    for kind, line in (("play", 1), ("task", 3), ("task", 6), ("handler", 8), ("recap", 12)):
        part(reporter, kind, kind, line)
    for number in range(20):
        reporter.line(str(number))
    reporter.event("section", phase="Run", state="end", status="success")
    output.drain()
    run, play, *inner, recap = sections(task)
    assert (play.parent, recap.parent) == (run.seq, run.seq)
    assert {row.parent for row in inner} == {play.seq}
    found = [(row.kind, row.first_line, row.last_line) for row in (play, *inner, recap)]
    assert found == [
        ("play", 1, 11), ("task", 3, 5), ("task", 6, 7), ("handler", 8, 11), ("recap", 12, 19),
    ]  # fmt: skip


def test_parts_count_hosts_and_end_as_these_did(task, output, reporter) -> None:
    part(reporter, "play", "site", 0)
    part(reporter, "task", "good", 1)
    result(reporter, "a", "changed")
    result(reporter, "b", "failed", ignored=True)
    part(reporter, "task", "bad", 4)
    result(reporter, "a", "unreachable")
    part(reporter, "recap", "Play recap", 6)
    reporter.event("recap", hosts={"a": {"ok": 1, "unreachable": 1}, "b": {"ok": 1, "changed": 1}})
    output.drain()
    play, good, bad, recap = sections(task)
    assert (good.counts, good.status) == ({"changed": 1, "ok": 1}, "success")
    assert (bad.counts, bad.status) == ({"unreachable": 1}, "failed")
    assert (play.counts, play.status) == ({"changed": 1, "ok": 1, "unreachable": 1}, "failed")
    assert recap.counts == {"unreachable": 1, "changed": 1}


def test_a_part_whose_place_is_not_known_begins_where_the_last_one_did(
    task, output, reporter
) -> None:
    part(reporter, "play", "site", 7)
    part(reporter, "task", "somewhere", None)
    part(reporter, "task", "before that", 2)
    output.drain()
    assert [row.first_line for row in sections(task)] == [7, 7, 7]


def test_no_secret_is_in_what_is_told(task, output, reporter) -> None:
    part(reporter, "task", "say hunter22", 0)
    detail = {"msg": "hunter22!", "rc": 0, "items": [{"item": "hunter22"}]}
    result(reporter, host="web-hunter22", detail=detail)
    output.drain()
    assert sections(task)[0].title == "say ***"
    assert list(hosts(task)) == ["web-***"]
    shown = {"msg": "***!", "rc": 0, "items": [{"item": "***"}]}
    assert task_results.unpack(results(task)[0].detail) == shown


def test_many_results_cost_few_transactions_and_are_all_there(task, output, reporter) -> None:
    part(reporter, "task", "many", 0)
    for number in range(MANY):
        result(reporter, f"web{number % 10}", detail={"msg": str(number)})
    output.drain()
    assert [task_results.unpack(row.detail)["msg"] for row in results(task)] == [
        str(number) for number in range(MANY)
    ]
    assert {row.ok for row in hosts(task).values()} == {MANY // 10}


def test_results_are_there_soon_though_nothing_more_is_said(task, output, reporter) -> None:
    part(reporter, "task", "slow", 0)
    result(reporter)
    until(lambda: stored_now(task) == 1)


def stored_now(task: Task) -> int:
    db.session.rollback()
    return len(results(task))


def test_a_second_attempt_replaces_what_the_first_has_told(task) -> None:
    for names in (("old", "gone"), ("new",)):
        with closing(TaskOutput(task.id, "mine")) as output:
            for name in names:
                result(TaskReporter(task, "mine", output), name)
            output.drain()
    assert list(hosts(task)) == ["new"]
    assert len(results(task)) == 1


def test_a_stranger_stores_no_result(task, output, reporter) -> None:
    task.claim = "theirs"
    db.session.commit()
    result(reporter)
    with pytest.raises(Fenced):
        output.drain()
    assert (results(task), hosts(task)) == ([], {})


@pytest.mark.parametrize("name", ["a" * 300, "with\0nul"])
def test_a_host_name_fits_its_column(task, output, reporter, name: str) -> None:
    result(reporter, name)
    output.drain()
    assert list(hosts(task)) == [name.replace("\0", "")[:255]]
