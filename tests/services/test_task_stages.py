from contextlib import closing

import pytest

from app.models import Task
from app.services import task_stages
from app.services.task_output_writer import TaskOutput
from app.services.task_reporter import TaskReporter
from tests import factories


@pytest.fixture
def task(project) -> Task:
    return factories.task(factories.template(project), status="running", claim="mine")


def told(task: Task, *parts: tuple[str, str]) -> list[tuple[str, bool]]:
    """The stages, and whether each has ended, after phases and parts that have begun."""
    with closing(TaskOutput(task.id, "mine")) as output:
        reporter = TaskReporter(task, "mine", output)
        for kind, title in parts:
            if kind == "end":
                reporter.event("section", phase=title, state="end", status="success")
            elif kind == "phase":
                reporter.event("section", phase=title, state="begin")
            else:
                reporter.event("part", part=kind, title=title, line=None)
        output.drain()
    return [(stage.type, stage.end is not None) for stage in task_stages.of(task)]


PREPARED = (("phase", "Prepare"), ("end", "Prepare"), ("phase", "Run"))
PLAYED = (*PREPARED, ("play", "site"), ("task", "say"))


def test_a_task_that_has_not_begun_has_no_stage(task) -> None:
    assert told(task) == []


def test_a_script_prepares_and_works(task) -> None:
    assert told(task, *PREPARED) == [("init", True), ("running", False)]
    assert [stage.id for stage in task_stages.of(task)] == [1, 2]


def test_a_playbook_works_from_its_first_play_on(task) -> None:
    assert told(task, *PLAYED) == [("init", True), ("running", False)]


def test_a_playbook_ends_with_its_results(task) -> None:
    parts = (*PLAYED, ("recap", "Play recap"), ("end", "Run"))
    assert told(task, *parts) == [("init", True), ("running", True), ("print_result", True)]
