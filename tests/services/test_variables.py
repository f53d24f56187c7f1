import pytest

from app.models import Environment, Project
from app.services import variables
from tests import factories


@pytest.fixture
def group(project: Project):
    """Make a group: group("Base", "{…}", "{…}", token="env")."""

    def make(name: str, json: str = "{}", env: str | None = None, **secrets: str) -> Environment:
        made = factories.environment(project, name, json=json, env=env)
        for secret, owner in secrets.items():
            factories.access_key(
                project, secret, type="string", owner=owner, environment_id=made.id
            )
        return made

    return make


def told(*groups: Environment) -> list[tuple]:
    """Kind, name, value or •••, where from, and instead of which."""
    return [
        (v.kind, v.name, "•••" if v.secret else v.value, v.group.name, [g.name for g in v.hides])
        for v in variables.merge(groups)
    ]


def test_without_groups_there_is_nothing() -> None:
    assert variables.merge([]) == []


def test_a_later_group_wins_and_hides_the_earlier_ones(group) -> None:
    a, b, c = group("A", '{"x": 1, "y": [1]}'), group("B", '{"x": 2}'), group("C", '{"x": 3}')
    assert told(a, b, c) == [("var", "x", 3, "C", ["A", "B"]), ("var", "y", [1], "A", [])]
    assert told(c, b, a)[0] == ("var", "x", 1, "A", ["C", "B"])


def test_the_kinds_do_not_meet(group) -> None:
    base = group("A", '{"x": "var"}', '{"x": "env"}')
    assert told(base) == [("var", "x", "var", "A", []), ("env", "x", "env", "A", [])]


@pytest.mark.parametrize("order", [1, -1])
def test_a_secret_counts_before_a_plain_value_of_any_group(group, order: int) -> None:
    groups = [group("A", TOKEN="environment"), group("B", env='{"TOKEN": "plain"}')]
    assert told(*groups[::order]) == [("env", "TOKEN", "•••", "A", ["B"])]


def test_a_later_secret_counts_before_an_earlier_one(group) -> None:
    a, b = group("A", t="variable"), group("B", t="variable")
    merged = variables.merge([a, b])
    assert [v.secret for v in merged] == [b.secrets[0]]
    assert merged[0].hides == (a,)


def test_a_group_does_not_hide_itself(group) -> None:
    both = group("A", '{"t": 1}', t="variable")
    assert told(both) == [("var", "t", "•••", "A", [])]
