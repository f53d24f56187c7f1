import pytest

from app.errors import AlreadyThere, Invalid, NotFound
from app.models import Project, User
from app.permissions import ALL, Permission, Role
from app.schemas.project_users import ProjectUserIn, RoleIn
from app.services import project_users


def test_a_role_decides_what_a_member_may(cast: dict[str, User], project: Project) -> None:
    found = {
        name: project_users.get_for(cast[name], project.id)[1:] for name in ("alice", "bob", "dave")
    }
    assert found["alice"] == (Role.OWNER, ALL)
    assert found["bob"] == (Role.MANAGER, Permission.RUN_TASKS | Permission.MANAGE_RESOURCES)
    assert found["dave"] == (Role.GUEST, Permission.VIEW)


def test_an_administrator_may_everything_without_a_role(
    cast: dict[str, User], project: Project
) -> None:
    assert project_users.get_for(cast["root"], project.id) == (project, None, ALL)


def test_for_others_the_project_does_not_exist(cast: dict[str, User], project: Project) -> None:
    for name, project_id in (("mallory", project.id), ("root", project.id + 1)):
        with pytest.raises(NotFound):
            project_users.get_for(cast[name], project_id)


def test_members_are_listed_in_the_order_asked_for(cast: dict[str, User], project: Project) -> None:
    def names(**order: object) -> list[str]:
        return [m.user.username for m in project_users.list_for(project, **order)]

    assert names() == ["alice", "bob", "carol", "dave"]
    assert names(sort="email", descending=True) == ["dave", "carol", "bob", "alice"]
    assert names(sort="role") == ["dave", "bob", "alice", "carol"]
    assert names(sort="nosuch") == ["alice", "bob", "carol", "dave"]


def test_nobody_is_added_twice(cast: dict[str, User], project: Project) -> None:
    with pytest.raises(AlreadyThere):
        project_users.add(
            project, ProjectUserIn(user_id=cast["bob"].id, role=Role.GUEST), actor=cast["alice"]
        )


def test_an_unknown_user_is_refused_by_name(cast: dict[str, User], project: Project) -> None:
    with pytest.raises(Invalid) as refused:
        project_users.add(project, ProjectUserIn(user_id=999, role=Role.GUEST), actor=None)
    assert list(refused.value.fields) == ["user_id"]


def test_nobody_changes_or_removes_himself_but_an_administrator(
    cast: dict[str, User], project: Project
) -> None:
    alice, root = cast["alice"], cast["root"]
    with pytest.raises(Invalid):
        project_users.update(project, alice.id, RoleIn(role=Role.GUEST), actor=alice)
    with pytest.raises(Invalid):
        project_users.remove(project, alice.id, actor=alice)
    project_users.add(project, ProjectUserIn(user_id=root.id, role=Role.OWNER), actor=alice)
    project_users.update(project, root.id, RoleIn(role=Role.GUEST), actor=root)
    project_users.remove(project, root.id, actor=root)


def test_an_owner_stays_and_others_may_leave(cast: dict[str, User], project: Project) -> None:
    with pytest.raises(Invalid):
        project_users.leave(project, actor=cast["alice"])
    project_users.leave(project, actor=cast["dave"])
    with pytest.raises(NotFound):
        project_users.get(project, cast["dave"].id)


def test_the_choices_are_the_members_by_name(project: Project, cast: dict[str, User]) -> None:
    names = [name for _, name in project_users.choices(project)]
    assert names == ["Alice", "Bob", "Carol", "Dave"]
