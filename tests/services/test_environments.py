import pytest
from sqlalchemy import select

from app.db import db
from app.errors import InUse, Invalid
from app.models import AccessKey, Environment, Project
from app.schemas.environments import EnvironmentIn
from app.services import environments, secrets
from tests import factories

TWO = [
    {"name": "API_TOKEN", "secret": "tok-1", "type": "env", "operation": "create"},
    {"name": "db_pass", "secret": "pw-1", "type": "var", "operation": "create"},
    {"name": "IGNORED", "secret": "x", "type": "env"},
]


def given(*operations: dict, **values: object) -> EnvironmentIn:
    return EnvironmentIn.model_validate({"name": "group", "secrets": list(operations)} | values)


@pytest.fixture
def group(project: Project) -> Environment:
    return environments.create(project, given(*TWO), actor=None)


def test_secrets_are_keys_of_the_group(group: Environment) -> None:
    token, password = group.secrets
    assert (token.name, token.owner, token.type) == ("API_TOKEN", "environment", "string")
    assert (password.name, password.owner) == ("db_pass", "variable")
    assert secrets.open(token) == "tok-1"
    assert "tok-1" not in token.secret


def test_a_change_without_operations_keeps_the_secrets(
    project: Project, group: Environment
) -> None:
    environments.update(project, group.id, given(json='{"a": 1}'), actor=None)
    assert (group.json, len(group.secrets)) == ('{"a": 1}', 2)


def test_an_update_changes_the_name_and_a_value_only_if_given(
    project: Project, group: Environment
) -> None:
    token = group.secrets[0]
    rename = {"id": token.id, "name": "TOKEN", "secret": "", "operation": "update"}
    environments.update(project, group.id, given(rename), actor=None)
    assert (token.name, secrets.open(token)) == ("TOKEN", "tok-1")
    renew = {"id": token.id, "name": "TOKEN", "secret": "tok-2", "operation": "update"}
    environments.update(project, group.id, given(renew), actor=None)
    assert secrets.open(token) == "tok-2"


def test_a_secret_is_deleted_by_its_id(project: Project, group: Environment) -> None:
    token = group.secrets[0]
    delete = {"id": token.id, "type": "env", "operation": "delete"}
    environments.update(project, group.id, given(delete), actor=None)
    assert [secret.name for secret in group.secrets] == ["db_pass"]
    assert db.session.get(AccessKey, token.id) is None


@pytest.mark.parametrize(
    ("operation", "field"),
    [
        ({"operation": "create", "name": "X"}, "secrets.0.type"),
        ({"operation": "create", "name": "", "type": "env"}, "secrets.0.name"),
        ({"operation": "create", "name": "A=B", "type": "env"}, "secrets.0.name"),
        ({"operation": "update", "id": 999, "name": "X"}, "secrets.0.id"),
        ({"operation": "delete", "id": 999}, "secrets.0.id"),
    ],
)
def test_an_impossible_operation_is_refused_by_name(
    project: Project, operation: dict, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        environments.create(project, given(operation), actor=None)
    assert list(refused.value.fields) == [field]


def test_the_type_of_a_secret_does_not_change(project: Project, group: Environment) -> None:
    change = {"id": group.secrets[0].id, "name": "X", "type": "var", "operation": "update"}
    with pytest.raises(Invalid) as refused:
        environments.update(project, group.id, given(change), actor=None)
    assert list(refused.value.fields) == ["secrets.0.type"]


def test_secrets_of_another_group_are_out_of_reach(project: Project, group: Environment) -> None:
    other = environments.create(project, given(TWO[0]), actor=None)
    for operation in ("update", "delete"):
        change = {"id": group.secrets[0].id, "name": "X", "operation": operation}
        with pytest.raises(Invalid):
            environments.update(project, other.id, given(change), actor=None)


def test_a_group_in_use_is_not_deleted(project: Project, group: Environment) -> None:
    template = factories.template(project)
    template.environments.append(group)
    db.session.flush()
    with pytest.raises(InUse, match="Environment is in use") as refused:
        environments.delete(project, group.id, actor=None)
    assert refused.value.refs["templates"] == [{"id": template.id, "name": "Hello"}]


def test_its_secrets_go_with_a_group(project: Project, group: Environment) -> None:
    environments.delete(project, group.id, actor=None)
    assert db.session.scalars(select(AccessKey)).all() == []


@pytest.mark.parametrize("operation", ["create", "update"])
def test_two_secrets_of_one_name_are_refused(
    project: Project, group: Environment, operation: str
) -> None:
    token, other = group.secrets
    change = {"operation": operation, "name": token.name, "type": "env", "secret": "again"}
    if operation == "update":
        change |= {"id": other.id, "type": ""}
        other.owner = token.owner
    with pytest.raises(Invalid) as refused:
        environments.update(project, group.id, given(change), actor=None)
    assert list(refused.value.fields) == ["secrets.0.name"]
