"""A project keeps an owner, whoever asks for what at the same time."""

from collections.abc import Callable

import pytest
from flask import Flask

from app.db import db, transaction
from app.errors import DomainError, Invalid
from app.models import Project, User
from app.permissions import Role
from app.schemas.project_users import ProjectUserIn, RoleIn
from app.services import project_users, users
from tests import factories
from tests.services.meanwhile import meanwhile


@pytest.fixture
def root(cast: dict[str, User]) -> User:
    return cast["root"]


ENDS: dict[str, Callable[[Project, User, User], object]] = {
    "demoted": lambda project, owner, root: project_users.update(
        project, owner.id, RoleIn(role=Role.MANAGER), actor=root
    ),
    "removed": lambda project, owner, root: project_users.remove(project, owner.id, actor=root),
}


@pytest.mark.parametrize("end", ENDS)
def test_the_last_owner_stays(
    end: str, project: Project, cast: dict[str, User], root: User
) -> None:
    with pytest.raises(Invalid, match="A project keeps an owner"):
        ENDS[end](project, cast["alice"], root)
    db.session.rollback()
    assert project_users.get(project, cast["alice"].id).role == Role.OWNER


@pytest.mark.parametrize("end", ENDS)
def test_one_of_two_may_go(end: str, project: Project, cast: dict[str, User], root: User) -> None:
    project_users.update(project, cast["bob"].id, RoleIn(role=Role.OWNER), actor=root)
    ENDS[end](project, cast["alice"], root)
    assert project_users.owners(project) == ["Bob"]


def test_an_owner_is_given_the_same_role_again(
    project: Project, cast: dict[str, User], root: User
) -> None:
    project_users.update(project, cast["alice"].id, RoleIn(role=Role.OWNER), actor=root)
    assert project_users.owners(project) == ["Alice"]


def test_an_administrator_who_alone_owns_it_cannot_leave(root: User) -> None:
    mine = factories.project("Mine")
    project_users.add(mine, ProjectUserIn(user_id=root.id, role=Role.OWNER), actor=root)
    with pytest.raises(Invalid, match="A project keeps an owner"):
        project_users.leave(mine, actor=root)


def test_who_alone_owns_projects_is_not_deleted_before_they_have_another(
    project: Project, cast: dict[str, User], root: User
) -> None:
    other = factories.project("Another")
    factories.member(other, cast["alice"], "owner")
    with pytest.raises(DomainError, match="alice is the last owner of Alice's project, Another"):
        users.delete(cast["alice"].id, actor=root)
    db.session.rollback()
    for one in (project, other):
        role = ProjectUserIn(user_id=root.id, role=Role.OWNER)
        project_users.add(one, role, actor=root)
    users.delete(cast["alice"].id, actor=root)
    assert project_users.owners(project) == ["Root"]


SECONDS: dict[str, Callable[[Project, User, User], object]] = ENDS | {
    "deleted": lambda _project, owner, root: users.delete(owner.id, actor=root),
}


@pytest.mark.parametrize("second", SECONDS)
def test_of_two_owners_who_go_at_once_one_stays(
    app: Flask, second: str, project: Project, cast: dict[str, User], root: User
) -> None:
    owner = RoleIn(role=Role.OWNER)
    with transaction():
        project_users.update(project, cast["bob"].id, owner, actor=root)
    ids = project.id, cast["bob"].id, root.id

    def go() -> object:
        models = zip((Project, User, User), ids, strict=True)
        rows = [db.session.get_one(model, row_id) for model, row_id in models]
        return SECONDS[second](*rows)

    going, ended = meanwhile(app, go)
    with transaction():
        project_users.update(project, cast["alice"].id, RoleIn(role=Role.GUEST), actor=root)
        going.start()
        going.join(1)  # it waits for us by then
    going.join()
    assert isinstance(ended[0], DomainError) and "owner" in str(ended[0])
    assert project_users.owners(project) == ["Bob"]
