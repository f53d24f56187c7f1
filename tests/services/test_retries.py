"""Runs that failed and are tried again: once each, after their pause, with all they were given."""

from typing import Any

import pytest
from sqlalchemy import select

from app.clock import now_ms
from app.db import db
from app.errors import Invalid
from app.models import Event, Project, Task, TaskStatus, TaskTemplate
from app.schemas.tasks import TaskIn
from app.services import dispatch, retries, run_specs, secrets, task_states, tasks
from tests import factories

S = TaskStatus
ASKS = [{"name": "token", "title": "Token", "type": "secret", "required": True}]


@pytest.fixture
def template(project: Project) -> TaskTemplate:
    own = {"retries": 2, "retry_pause": 60, "survey_vars": ASKS}
    return factories.template(project, allow_override_branch_in_task=True, **own)


def start(template: TaskTemplate, **given: Any) -> Task:
    project = db.session.get_one(Project, template.project_id)
    given = {"template_id": template.id, "secret": '{"token": "hush"}'} | given
    return tasks.start(project, TaskIn.model_validate(given), actor=None)


def fail(task: Task) -> Task | None:
    """End a run as its worker does; the try that follows."""
    task_states.move(task, S.STARTING, claim="c")
    task_states.move(task, S.RUNNING, held_by="c")
    following = retries.of(task)
    task_states.move(task, S.ERROR, held_by="c", reason="It failed")
    if following:
        retries.queue(following)
    return retries.after(task)


def test_each_try_is_a_run_of_its_own_until_the_last_one(template: TaskTemplate) -> None:
    first = start(template, git_branch="fix", message="Why", max_duration=90)
    second = fail(first)
    assert second and (second.try_number, second.retry_of_id) == (2, first.id)
    assert (second.git_branch, second.message, second.status) == ("fix", "Why", S.WAITING)
    assert second.max_duration == 90
    assert secrets.decrypt(second.secret or "", second.sealed_as) == '{"token": "hush"}'
    assert run_specs.build(second).secrets == ("hush",)
    third = fail(second)
    assert third and third.try_number == 3
    assert fail(third) is None


def test_it_is_queued_once_however_often_the_end_is_stored(template: TaskTemplate) -> None:
    task = start(template)
    following = retries.of(task)
    assert following
    retries.queue(following)
    retries.queue(following)
    assert len(db.session.scalars(select(Task).filter_by(retry_of_id=task.id)).all()) == 1


def test_a_try_waits_for_its_pause_and_says_so(template: TaskTemplate) -> None:
    factories.worker()
    second = fail(start(template))
    assert second and dispatch.eligible("") == []
    reason = dispatch.waiting_reason(second) or ""
    assert reason.startswith("Try 2 of 3 starts at ") and "after a failed one" in reason
    second.not_before = (db.session.scalar(select(now_ms())) or 0) - 1
    db.session.flush()
    assert [row.id for row in dispatch.eligible("")] == [second.id]


def test_who_stops_the_try_that_waits_ends_it_all(project: Project, template: TaskTemplate) -> None:
    second = fail(start(template))
    assert second
    tasks.stop(project, second.id, actor=None)
    assert (second.status, retries.after(second)) == (S.STOPPED, None)


def test_without_retries_a_failure_stays(project: Project) -> None:
    plain = factories.template(project)
    assert fail(start(plain, secret=None)) is None


def test_a_build_gets_the_next_version_with_each_try(project: Project) -> None:
    build = factories.template(project, type="build", start_version="1.0", retries=1)
    second = fail(start(build, secret=None))
    assert second and second.version == "1.1"


def test_a_try_that_cannot_be_queued_is_told(
    template: TaskTemplate, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = start(template)
    template.type, template.start_version = "build", "beta"
    following = retries.of(task)
    assert following
    retries.queue(following)
    assert retries.after(task) is None
    told = db.session.scalars(select(Event.description)).all()
    assert any("could not be tried again" in text for text in told)


def test_a_run_repeats_another_at_its_commit_or_the_newest(template: TaskTemplate) -> None:
    first = start(template)
    first.commit_hash = "a" * 40
    again = start(template, repeats_id=first.id)
    assert (again.repeats_id, again.wanted_commit) == (first.id, None)
    same = start(template, repeats_id=first.id, same_commit=True)
    assert same.wanted_commit == "a" * 40
    assert run_specs.build(same).commit == "a" * 40


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"repeats_id": 9999}, "repeats_id"),
        ({"repeats_id": "other"}, "repeats_id"),
        ({"same_commit": True}, "same_commit"),
        ({"repeats_id": "first", "same_commit": True}, "same_commit"),
    ],
)
def test_what_cannot_be_repeated_is_refused(
    project: Project, template: TaskTemplate, given: dict[str, Any], field: str
) -> None:
    runs = {
        "first": start(template).id,
        "other": factories.task(factories.template(project, "Other")).id,
    }
    given = given | {"repeats_id": runs.get(given.get("repeats_id"), given.get("repeats_id"))}
    with pytest.raises(Invalid) as refused:
        start(template, **given)
    assert list(refused.value.fields) == [field]
