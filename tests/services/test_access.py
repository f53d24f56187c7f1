"""Why a member may do something: the answer is the guard's, the words are true."""

import pytest

from app.models import Project, User
from app.permissions import Permission, Role
from app.services import access, project_users
from tests import factories


def verdicts(project: Project, user: User, template=None) -> dict[Permission, tuple[bool, str]]:
    member = project_users.get(project, user.id)
    found = access.explain(project, member, template)
    return {verdict.permission: (verdict.allowed, verdict.why) for verdict in found}


@pytest.mark.parametrize("name", ["alice", "bob", "carol", "dave"])
def test_the_built_in_role_answers(project: Project, cast: dict[str, User], name: str) -> None:
    found = verdicts(project, cast[name])
    role = Role(project_users.get(project, cast[name].id).role)
    allowed = {bit for bit, (is_so, _) in found.items() if is_so}
    assert allowed == {Permission.VIEW, *role.permissions}
    assert all(role.replace("_", " ") in why for bit, (_, why) in found.items() if bit)


def test_a_custom_role_is_named(project: Project, cast: dict[str, User]) -> None:
    template, dave = factories.template(project), cast["dave"]
    operator = factories.role(project, "operator")
    factories.holds(project, dave, operator)
    assert "no custom role adds" in verdicts(project, dave, template)[Permission.RUN_TASKS][1]
    factories.attached(template, operator, Permission.RUN_TASKS)
    found = verdicts(project, dave, template)
    assert found[Permission.RUN_TASKS] == (
        True,
        "Operator: held by this member and attached to this template",
    )
    allowed, why = found[Permission.MANAGE_RESOURCES]
    assert not allowed and why == (
        "Neither the role guest gives it, nor does Operator at this template"
    )


def test_an_administrator_may_do_everything(project: Project, cast: dict[str, User]) -> None:
    factories.member(project, cast["root"], Role.GUEST)
    found = verdicts(project, cast["root"])
    assert {is_so for is_so, _ in found.values()} == {True}
    assert {why for _, why in found.values()} == {"Administrators of the server may do everything"}
