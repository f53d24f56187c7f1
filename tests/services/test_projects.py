import pytest
from sqlalchemy import func, select

from app.db import db, transaction
from app.errors import Busy
from app.extensions import redis
from app.models import (
    AccessKey,
    Environment,
    Event,
    Inventory,
    Project,
    ProjectUser,
    Repository,
    Task,
    TaskTemplate,
    User,
)
from app.schemas.projects import ProjectIn
from app.services import live_events, projects
from tests import factories

OWNED = (AccessKey, Environment, Inventory, ProjectUser, Repository, Task, TaskTemplate)


def test_a_new_project_has_an_owner_a_key_and_a_group(cast: dict[str, User]) -> None:
    made = projects.create(ProjectIn(name="P", max_parallel_tasks=3), actor=cast["mallory"])
    member = db.session.scalars(select(ProjectUser).filter_by(project_id=made.id)).one()
    assert (member.user_id, member.role) == (cast["mallory"].id, "owner")
    key = db.session.scalars(select(AccessKey).filter_by(project_id=made.id)).one()
    assert (key.name, key.type, key.owner, key.secret) == ("None", "none", "", None)
    group = db.session.scalars(select(Environment).filter_by(project_id=made.id)).one()
    assert (group.name, group.json) == ("Empty", "{}")
    assert made.max_parallel_tasks == 3


def test_one_sees_the_projects_one_takes_part_in(cast: dict[str, User], project: Project) -> None:
    other = factories.project("a second")
    assert projects.list_for(cast["dave"]) == [project]
    assert projects.list_for(cast["mallory"]) == []
    assert projects.list_for(cast["root"]) == [other, project]
    assert projects.list_for(cast["root"], limit=1) == [other]


def test_a_change_replaces_all_but_what_clients_do_not_know(
    cast: dict[str, User], project: Project
) -> None:
    data = ProjectIn(name="A", alert=True, max_parallel_tasks=2, max_duration=60)
    projects.update(project, data, actor=cast["alice"])
    projects.update(project, ProjectIn(name="B"), actor=cast["alice"])
    assert (project.name, project.alert, project.max_parallel_tasks) == ("B", False, 0)
    assert (project.max_duration, project.lock_version) == (60, 2)


def test_deleting_takes_everything_along(cast: dict[str, User], project: Project) -> None:
    built = factories.template(project, "Build", type="build")
    deploy = factories.template(
        project,
        "Deploy",
        type="deploy",
        build_template_id=built.id,
        repository_id=built.repository_id,
    )
    held = factories.inventory(project, template_id=deploy.id)
    deploy.inventory_id = held.id
    first = factories.task(built, status="success")
    factories.task(deploy, status="error", build_task_id=first.id)
    projects.delete(project, actor=cast["alice"])
    db.session.commit()
    for model in (*OWNED, Project):
        assert db.session.scalar(select(func.count()).select_from(model)) == 0, model
    events = db.session.scalars(select(Event)).all()
    assert [event.description for event in events] == ["Project Alice's project deleted"]


def test_other_projects_stay(cast: dict[str, User], project: Project) -> None:
    other = factories.project("Other")
    template = factories.template(other)
    projects.delete(project, actor=None)
    db.session.commit()
    assert db.session.get(TaskTemplate, template.id).repository is not None


def test_its_stream_of_events_goes_and_those_of_others_stay(project: Project) -> None:
    other = factories.project("Other")
    with transaction():
        for each in (project, other):
            live_events.publish(each.id, {"t": "run"})
    with transaction():
        projects.delete(project, actor=None)
    assert not redis.client.exists(live_events.key(project.id))
    assert redis.client.exists(live_events.key(other.id))


@pytest.mark.parametrize("status", ["waiting", "running", "stopping", "waiting_confirmation"])
def test_a_project_with_an_active_task_is_not_deleted(project: Project, status: str) -> None:
    factories.task(factories.template(project), status=status)
    with pytest.raises(Busy, match="1 run"):
        projects.delete(project, actor=None)
