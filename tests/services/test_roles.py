"""Custom roles, when two people act at once, and what they cost."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.db import db, transaction
from app.errors import InUse, Invalid
from app.models import CustomRole, Project, ProjectUser, TaskTemplate, TemplateRole, User
from app.permissions import Permission
from app.schemas.roles import CustomRoleIn
from app.schemas.template_roles import TemplateRoleIn
from app.services import project_users, roles, template_roles
from tests import factories
from tests.services.meanwhile import meanwhile


def test_one_slug_is_one_role_however_many_make_it(app: Flask, project: Project) -> None:
    project_id, data = project.id, CustomRoleIn(name="Deployers", slug="deployers")

    def create() -> None:
        roles.create(db.session.get_one(Project, project_id), data, actor=None)

    creating, ended = meanwhile(app, create)
    with transaction():
        roles.create(None, data, actor=None)
        creating.start()
        creating.join(1)  # it waits for us by then
    creating.join()
    assert isinstance(ended[0], Invalid) and list(ended[0].fields) == ["slug"]
    assert db.session.scalar(select(func.count(CustomRole.id))) == 1


def test_a_role_that_is_being_attached_is_not_deleted(app: Flask, project: Project) -> None:
    template, role = factories.template(project), factories.role(project, "deployers")
    project_id, attached = project.id, TemplateRoleIn(role_slug=role.slug)

    def delete() -> None:
        roles.delete(db.session.get_one(Project, project_id), "deployers", actor=None)

    deleting, ended = meanwhile(app, delete)
    with transaction():
        template_roles.create(project, template, attached, actor=None)
        deleting.start()
        deleting.join(1)  # it waits for us by then
    deleting.join()
    assert isinstance(ended[0], InUse)
    assert db.session.scalar(select(func.count(CustomRole.id))) == 1


def test_a_role_that_a_member_gets_is_not_deleted(
    app: Flask, project: Project, cast: dict[str, User]
) -> None:
    role, project_id = factories.role(project, "deployers"), project.id

    def delete() -> None:
        roles.delete(db.session.get_one(Project, project_id), "deployers", actor=None)

    deleting, ended = meanwhile(app, delete)
    with transaction():
        dave, alice = cast["dave"], cast["alice"]
        project_users.give_role(project, role, given={dave.id}, taken=set(), actor=alice)
        db.session.flush()
        deleting.start()
        deleting.join(1)
    deleting.join()
    assert isinstance(ended[0], InUse)


def test_of_two_who_attach_a_role_one_is_told(app: Flask, project: Project) -> None:
    template, role = factories.template(project), factories.role(project, "deployers")
    project_id, template_id = project.id, template.id
    data = TemplateRoleIn(role_slug=role.slug)

    def attach() -> None:
        mine = db.session.get_one(Project, project_id)
        template_roles.create(mine, db.session.get_one(TaskTemplate, template_id), data, actor=None)

    other, ended = meanwhile(app, attach)
    with transaction():
        template_roles.create(project, template, data, actor=None)
        other.start()
        other.join(1)
    other.join()
    assert [str(end) for end in ended] == [
        "The role Deployers is attached to this template already"
    ]
    assert db.session.scalar(select(func.count(TemplateRole.id))) == 1


@pytest.mark.parametrize(("name", "queries"), [("alice", 0), ("bob", 0), ("carol", 1), ("dave", 1)])
def test_rights_cost_one_query_at_most(
    app: Flask, project: Project, cast: dict[str, User], count_queries, name: str, queries: int
) -> None:
    for number in range(3):
        role = factories.role(project, f"r{number}")
        factories.attached(factories.template(project, f"T{number}"), role)
        factories.holds(project, cast["dave"], role)
    user = cast[name]
    everywhere = project_users.get_for(user, project.id)[2]
    with count_queries() as sent:
        rights = template_roles.rights_of(user, project, everywhere)
    assert len(sent) == queries
    assert (len(rights.added) == 1) == (name == "dave")


def test_rights_are_those_of_the_user_who_asks(project: Project, cast: dict[str, User]) -> None:
    template, role = factories.template(project), factories.role(project, "deployers")
    factories.attached(template, role, 1)
    factories.holds(project, cast["dave"], role)
    assert db.session.scalar(select(func.count(ProjectUser.id))) == 4
    for name in ("carol", "mallory"):
        found = template_roles.rights_of(cast[name], project, Permission.VIEW)
        assert found.at(template.id) == Permission.VIEW
    assert template_roles.rights_of(cast["dave"], project, Permission.VIEW).at(template.id) == 1
