"""Start, stop, list and delete, as page and API do it."""

import json

import pytest
from sqlalchemy import select, update

from app.db import db, transaction
from app.errors import Invalid, NotFound
from app.extensions import redis
from app.models import Event, Project, Task, TaskStatus
from app.schemas.tasks import TaskIn
from app.services import secrets, tasks
from tests import factories

S = TaskStatus


@pytest.fixture
def template(project):
    return factories.template(project)


def start(project: Project, actor=None, **given) -> Task:
    with transaction():
        return tasks.start(project, TaskIn(**given), actor=actor)


def put(task: Task, status: TaskStatus) -> None:
    db.session.execute(update(Task).where(Task.id == task.id).values(status=status))
    db.session.commit()


def test_a_start_queues_a_row_and_says_who_asked(project, template, cast) -> None:
    task = start(project, cast["bob"], template_id=template.id, message="first")
    assert (task.status, task.message, task.user_id) == (S.WAITING, "first", cast["bob"].id)
    event = db.session.scalars(select(Event)).one()
    assert event.description == f"Task Hello #{task.id} queued for running"
    assert event.user_id == cast["bob"].id


def test_a_start_is_announced_only_after_commit(project, template) -> None:
    listener = redis.client.pubsub()
    listener.subscribe("heliograph:kick")
    listener.get_message(timeout=1)
    with pytest.raises(RuntimeError), transaction():
        tasks.start(project, TaskIn(template_id=template.id), actor=None)
        raise RuntimeError
    assert listener.get_message(timeout=0.05) is None
    start(project, template_id=template.id)
    assert listener.get_message(timeout=1) is not None
    listener.close()


def test_a_template_may_be_named(project, template) -> None:
    assert start(project, template_name="Hello").template_id == template.id


@pytest.mark.parametrize("name", ["hello", "H\u00e9llo", "Hello "])
def test_a_name_is_compared_exactly_on_every_database(project, template, name) -> None:
    with pytest.raises(Invalid):
        start(project, template_name=name)
    other = factories.template(project, name)
    assert start(project, template_name=name).template_id == other.id


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({}, {"template_id": "Say which template to run"}),
        ({"template_name": ""}, {"template_id": "Say which template to run"}),
        ({"template_id": 99}, {"template_id": "There is no template 99 in this project"}),
        (
            {"template_name": "Nope"},
            {"template_name": "There is no template “Nope” in this project"},
        ),
    ],
)
def test_an_unknown_template_is_refused_by_field(project, template, given, refusal) -> None:
    with pytest.raises(Invalid) as refused:
        start(project, **given)
    assert refused.value.fields == refusal
    assert db.session.query(Task).count() == 0


def test_a_name_that_is_another_template_than_the_id_is_refused(project, template) -> None:
    other = factories.template(project, "Other")
    with pytest.raises(Invalid) as refused:
        start(project, template_id=template.id, template_name="Other")
    said = f"Is template {other.id}, but template_id says {template.id}; give only one of them"
    assert refused.value.fields == {"template_name": said}
    assert db.session.query(Task).count() == 0


def test_a_name_that_nothing_has_says_nothing_beside_an_id(project, template) -> None:
    factories.template(factories.project("Other"), "Elsewhere")
    started = start(project, template_id=template.id, template_name="Elsewhere")
    assert started.template_id == template.id


def test_of_two_templates_with_one_name_the_id_decides(project, template) -> None:
    twin = factories.template(project, template.name)
    started = start(project, template_id=twin.id, template_name=template.name)
    assert started.template_id == twin.id


def test_another_projects_template_does_not_exist_here(project) -> None:
    other = factories.template(factories.project("Other"))
    with pytest.raises(Invalid):
        start(project, template_id=other.id)


def test_a_branch_that_git_would_take_for_an_option_is_refused(project) -> None:
    template = factories.template(project, allow_override_branch_in_task=True)
    with pytest.raises(Invalid) as refused:
        start(project, template_id=template.id, git_branch="--upload-pack=touch /tmp/x")
    assert "git_branch" in refused.value.fields


def test_secret_answers_are_stored_encrypted(project) -> None:
    survey = [{"name": "token", "type": "secret"}]
    template = factories.template(project, survey_vars=survey)
    task = start(project, template_id=template.id, secret='{"token": "hunter22"}')
    assert "hunter22" not in task.secret
    assert json.loads(secrets.decrypt(task.secret, f"task:{task.id}")) == {"token": "hunter22"}


@pytest.mark.parametrize("status", [S.WAITING, S.WAITING_CONFIRMATION, S.CONFIRMED])
def test_what_nobody_holds_stops_at_once(project, template, status) -> None:
    task = start(project, template_id=template.id)
    put(task, status)
    with transaction():
        stopped = tasks.stop(project, task.id, actor=None)
    assert (stopped.status, stopped.end is not None) == (S.STOPPED, True)


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("status", [S.STARTING, S.RUNNING, S.STOPPING])
def test_a_held_task_is_told_to_stop(project, template, status, force) -> None:
    task = start(project, template_id=template.id)
    put(task, status)
    with transaction():
        tasks.stop(project, task.id, actor=None, force=force)
    db.session.expire_all()
    assert (task.status, task.force_stop) == (S.STOPPING, force)


@pytest.mark.parametrize("status", [S.SUCCESS, S.ERROR, S.STOPPED, S.REJECTED])
def test_stopping_a_finished_task_changes_nothing(project, template, status) -> None:
    task = start(project, template_id=template.id)
    put(task, status)
    events = db.session.query(Event).count()
    with transaction():
        tasks.stop(project, task.id, actor=None, force=True)
    db.session.expire_all()
    assert (task.status, task.force_stop) == (status, False)
    assert db.session.query(Event).count() == events


def test_an_active_task_cannot_be_deleted(project, template) -> None:
    task = start(project, template_id=template.id)
    with pytest.raises(Invalid):
        tasks.delete(project, task.id, actor=None)


def test_a_deleted_task_is_gone(project, template) -> None:
    task = start(project, template_id=template.id)
    put(task, S.SUCCESS)
    db.session.expire_all()
    with transaction():
        tasks.delete(project, task.id, actor=None)
    with pytest.raises(NotFound):
        tasks.get(project, task.id)


def test_the_newest_tasks_of_a_state(project, template) -> None:
    ids = [start(project, template_id=template.id).id for _ in range(3)]
    put(tasks.get(project, ids[0]), S.ERROR)
    assert [task.id for task in tasks.list_for(project, (S.WAITING,), 2)] == [ids[2], ids[1]]
    assert [task.id for task in tasks.list_for(project, (S.WAITING, S.ERROR), 9)] == ids[::-1]


def test_the_last_tasks_of_each_template(project, template) -> None:
    other = factories.template(project, "Other")
    ids = [start(project, template_id=template.id).id for _ in range(3)]
    found = tasks.last_of([template, other], n=2)
    assert [task.id for task in found[template.id]] == [ids[2], ids[1]]
    assert found[other.id] == []
