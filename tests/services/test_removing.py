"""Stop and delete: the wish is a row, and rounds fulfil it."""

import pytest
from sqlalchemy import func, select

from app.db import db, transaction
from app.errors import Busy, InUse
from app.models import (
    Event,
    Project,
    Removal,
    Repository,
    Task,
    TaskChunk,
    TaskStatus,
    TaskTemplate,
    User,
)
from app.schemas.tasks import TaskIn
from app.services import removals, removing, tasks
from tests import factories

S = TaskStatus


@pytest.fixture
def template(project: Project) -> TaskTemplate:
    return factories.template(project)


@pytest.fixture
def alice() -> User:
    return factories.user("zed")


def count(model: type) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def ask(template: TaskTemplate, actor: User | None = None) -> int:
    with transaction():
        return removing.ask_for_template(
            db.session.get(Project, template.project_id), template.id, actor=actor
        )


def test_waiting_runs_are_stopped_and_the_template_goes_with_the_next_round(template, alice):
    first, second = factories.task(template), factories.task(template)
    assert ask(template, alice) == 2
    assert {first.status, second.status} == {S.STOPPED}
    removing.fulfil()
    assert count(TaskTemplate) == count(Task) == count(Removal) == 0
    last = db.session.scalars(select(Event).order_by(Event.id.desc())).first()
    assert "deleted" in last.description and last.user_id == alice.id


def test_it_stays_until_the_last_run_has_ended(template):
    running = factories.task(template, status=S.RUNNING)
    ask(template)
    removing.fulfil()
    db.session.refresh(running)
    assert running.status == S.STOPPING and count(TaskTemplate) == 1
    running.status = S.STOPPED
    db.session.commit()
    removing.fulfil()
    assert count(TaskTemplate) == count(TaskChunk) == 0 and count(Repository) == 1


def test_no_run_can_start_meanwhile(project, template):
    factories.task(template, status=S.RUNNING)
    ask(template)
    with pytest.raises(Busy, match="is being deleted"):
        tasks.start(project, TaskIn(template_id=template.id), actor=None)


def test_a_run_that_started_at_the_same_moment_is_stopped_as_well(template):
    factories.task(template, status=S.RUNNING)
    ask(template)
    late = factories.task(template)
    removing.fulfil()
    db.session.refresh(late)
    assert late.status == S.STOPPED


def test_asking_twice_is_one_wish(template):
    factories.task(template, status=S.RUNNING)
    ask(template)
    ask(template)
    assert count(Removal) == 1


def test_what_others_deploy_is_refused(project, template):
    factories.template(
        project, "Ship", build_template_id=template.id, repository_id=template.repository_id
    )
    with pytest.raises(InUse):
        ask(template)
    assert count(Removal) == 0


def test_what_is_used_by_the_time_it_could_go_stays(project, template):
    running = factories.task(template, status=S.RUNNING)
    ask(template)
    factories.template(
        project, "Ship", build_template_id=template.id, repository_id=template.repository_id
    )
    running.status = S.SUCCESS
    db.session.commit()
    removing.fulfil()
    assert count(TaskTemplate) == 2 and count(Removal) == 0


def test_a_project_goes_with_all_its_templates(project, template, alice):
    factories.task(template)
    running = factories.task(factories.template(project, "B"), status=S.RUNNING)
    other = factories.template(factories.project("Other"))
    with transaction():
        assert removing.ask_for_project(project, actor=alice) == 2
    assert removals.of_project(project) and removals.of_template(template)
    assert removals.of_template(other) is None
    running.status = S.STOPPED
    db.session.commit()
    removing.fulfil()
    assert [p.name for p in db.session.scalars(select(Project))] == ["Other"]
    assert count(TaskTemplate) == 1 and count(Task) == count(Removal) == 0


def test_who_asked_may_be_gone(template, alice):
    ask(template, alice)
    with transaction():
        db.session.delete(db.session.get(User, alice.id))
    removing.fulfil()
    assert count(TaskTemplate) == 0
