import pytest

from app.errors import NotFound
from app.models import Task
from app.services import task_hosts
from tests import factories
from tests.services.hosts import tell

WRONG = ("failed", {"detail": {"msg": "no such file\nat all"}})
AWAY = ("unreachable", {"detail": {"msg": "timed out"}})
HOSTS = {
    "web1": ["ok", "changed"],
    "web2": ["ok", "ok"],
    "db1": ["ok", WRONG],
    "db2": [AWAY],
    "old": ["skipped"],
    "odd": [("failed", {"ignored": True})],
}


@pytest.fixture
def task(project) -> Task:
    task = factories.task(factories.template(project, app="ansible"), status="error")
    tell(task, HOSTS)
    return task


def names(task: Task, **search) -> list[str]:
    return [row.host.host for row in task_hosts.find(task, **search).rows]


def test_the_troubled_come_first_then_what_changed(task) -> None:
    assert names(task) == ["db2", "db1", "web1", "odd", "web2", "old"]


def test_each_host_has_its_worst_outcome_and_the_reason(task) -> None:
    rows = {row.host.host: (row.outcome, row.error) for row in task_hosts.find(task).rows}
    assert rows == {
        "db2": ("unreachable", "timed out"),
        "db1": ("failed", "no such file"),
        "web1": ("changed", ""),
        "odd": ("ok", ""),
        "web2": ("ok", ""),
        "old": ("skipped", ""),
    }


def test_hosts_are_counted_by_outcome(task) -> None:
    expected = {"unreachable": 1, "failed": 1, "changed": 1, "ok": 2, "skipped": 1}
    assert task_hosts.counts(task) == expected
    assert task_hosts.counts(factories.task(task.template)) == {}


def test_hosts_are_found_by_name_and_outcome(task) -> None:
    assert names(task, text="WEB") == ["web1", "web2"]
    assert names(task, outcome="failed") == ["db1"]
    assert names(task, text="web", outcome="failed") == []
    assert names(task, text="%") == []


def test_they_come_in_pages(task, monkeypatch) -> None:
    monkeypatch.setattr(task_hosts, "SIZE", 4)
    first, second = (task_hosts.find(task, number=number) for number in (1, 2))
    assert (len(first.rows), first.has_more, first.last, first.total) == (4, True, 2, 6)
    assert [row.host.host for row in second.rows] == ["web2", "old"]
    assert not second.has_more
    for far in (9, 2**63 - 1):
        assert task_hosts.find(task, number=far) == second


def test_the_results_of_a_host_begin_with_its_failures(task) -> None:
    host = next(row.host for row in task_hosts.find(task).rows if row.host.host == "db1")
    found = [(row.title, row.result.status, row.error) for row in task_hosts.results(task, host)]
    assert found == [("task 2", "failed", "no such file"), ("task 1", "ok", "")]


def test_a_result_tells_what_the_module_has_answered(task) -> None:
    host = task_hosts.get(task, 3)
    result = task_hosts.results(task, host)[0].result
    assert task_hosts.detail(task, host, result.seq)[1] == {"msg": "no such file\nat all"}


def test_what_is_not_there_is_not_found(task) -> None:
    other = factories.task(task.template)
    host = task_hosts.get(task, 1)
    with pytest.raises(NotFound):
        task_hosts.get(task, 99)
    with pytest.raises(NotFound):
        task_hosts.get(other, 1)
    with pytest.raises(NotFound):
        task_hosts.detail(task, host, 99)
    with pytest.raises(NotFound):
        task_hosts.detail(
            task, host, task_hosts.results(task, task_hosts.get(task, 2))[0].result.seq
        )


def test_a_next_run_can_be_limited_to_the_troubled(task) -> None:
    assert task_hosts.troubled(task) == ["db1", "db2"]


@pytest.mark.parametrize("name", ["web-***", "a[1:3]", "!not", "~regex"])
def test_names_that_a_limit_takes_for_patterns_limit_nothing(task, name: str) -> None:
    again = factories.task(task.template, status="error")
    tell(again, {name: ["failed"]})
    assert task_hosts.troubled(again) == []


def test_too_many_for_a_limit_limit_nothing(task, monkeypatch) -> None:
    monkeypatch.setattr(task_hosts, "LIMIT", 7)
    assert task_hosts.troubled(task) == []


def test_the_slowest_tasks_are_named(task) -> None:
    assert {title for title, _, _ in task_hosts.slowest(task)} == {"task 1"}
    assert [line for _, _, line in task_hosts.slowest(task)] == [0]
