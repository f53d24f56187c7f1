"""What a plan would do, read from documents that plans/record.sh has had terraform write."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.lib import plan_changes
from app.lib.plan_changes import Change, PlanChanges, Unreadable
from app.lib.plan_counts import OUTPUT
from app.lib.plan_values import SENSITIVE, UNKNOWN, Attribute

PLANS = Path(__file__).with_name("plans")


def recorded(name: str) -> PlanChanges:
    return plan_changes.parse((PLANS / f"{name}.json").read_bytes())


def find(address: str, name: str = "changes") -> Change:
    [found] = [change for change in recorded(name).changes if change.address == address]
    return found


def made(*changes: dict[str, Any], **more: Any) -> PlanChanges:
    """A plan with these changes of resources."""
    entries = [{"address": f"a.b[{n}]", "change": change} for n, change in enumerate(changes)]
    document = {"planned_values": {}, "resource_changes": entries, **more}
    return plan_changes.parse(json.dumps(document).encode())


def of(before: Any, after: Any, **marks: Any) -> tuple[Attribute, ...]:
    """What changes in an object."""
    change = {"actions": ["update"], "before": before, "after": after, **marks}
    return made(change).changes[0].attributes


def test_resources_are_counted_by_what_happens_to_them():
    assert recorded("changes").counts == {
        "create": 2, "update": 4, "replace": 2, "delete": 2, "forget": 1, "read": 1,
        "move": 2, "import": 1, "output": 4,
    }  # fmt: skip
    assert recorded("creates").counts == {"create": 11, "output": 4}


def test_a_plan_without_changes_is_empty():
    assert recorded("nothing") == PlanChanges((), {})


def test_what_takes_something_away_comes_first_and_outputs_last():
    found = recorded("changes").changes
    kinds = list(dict.fromkeys(change.action for change in found if change.kind != OUTPUT))
    assert kinds == ["replace", "delete", "forget", "update", "create", "move", "read"]
    assert [change.address for change in found[-4:]] == ["old", "region", "token", "new"]


def test_a_change_says_what_it_is_and_why():
    replaced = find("terraform_data.replaced")
    assert (replaced.action, replaced.kind) == ("replace", "managed")
    assert replaced.reason == "replace_because_cannot_update"
    forcing = [one.path for one in replaced.attributes if one.forces]
    assert forcing == ["triggers_replace"]
    assert find("terraform_data.tainted").reason == "replace_because_tainted"
    gone = find('module.net.terraform_data.zone["us"]')
    assert (gone.module, gone.type) == ("module.net", "terraform_data")
    assert gone.reason == "delete_because_each_key"
    assert find("data.terraform_remote_state.later").kind == "data"


def test_what_is_moved_or_imported_says_where_from():
    assert find("terraform_data.new_name").action == "move"
    assert find("terraform_data.new_name").moved_from == "terraform_data.old_name"
    changed = find("terraform_data.new_changed")
    assert (changed.action, changed.moved_from) == ("update", "terraform_data.old_changed")
    assert find("terraform_data.imported").imported == "4f9c1b1e"


def test_attributes_are_compared_path_by_path():
    changed = find("terraform_data.changed")
    assert changed.same == 1
    assert changed.attributes[:3] == (
        Attribute("input.note", "one\ntwo\nthree\n", "one\n2\nthree\n"),
        Attribute("input.size", "1", "2"),
        Attribute("input.zones", '["a", "b"]', '["a", "c"]'),
    )
    created = find("terraform_data.created")
    assert created.attributes == (
        Attribute("id", None, UNKNOWN),
        Attribute("input.of", None, UNKNOWN),
        Attribute("input.tags.a", None, "1"),
        Attribute("output", None, UNKNOWN),
    )
    whole = changed.attributes[3].before
    assert json.loads(str(whole))["zones"] == ["a", "b"]


def test_outputs_are_compared_as_a_whole():
    assert find("region").attributes == (Attribute("", "eu", "us"),)
    assert find("new").attributes == (Attribute("", None, UNKNOWN),)
    assert find("token").attributes == (Attribute("", SENSITIVE, SENSITIVE),)


def test_no_sensitive_value_is_in_it():
    secret = find("terraform_data.secret")
    assert Attribute("input.token", SENSITIVE, SENSITIVE) in secret.attributes
    assert Attribute("input.user", "ada", "eve") in secret.attributes
    # terraform_data loses the mark in what it puts out.
    document = (PLANS / "changes.json").read_text()
    assert '"output":{"token":"s3cr3t-before"' in document.replace(" ", "")
    assert "s3cr3t" not in repr(recorded("changes")) + repr(recorded("creates"))


def test_what_is_sensitive_on_one_side_is_hidden_on_both():
    sides = {"token": "s3cr3t-token"}, {"token": "another"}
    for marks in ("before_sensitive", "after_sensitive"):
        assert of(*sides, **{marks: {"token": True}}) == (Attribute("token", SENSITIVE, SENSITIVE),)
    assert of(*sides, before_sensitive=True) == (Attribute("", SENSITIVE, SENSITIVE),)


@pytest.mark.parametrize(
    ("value", "marks"),
    [
        (["s3cr3t-1", "open"], [True]),
        ([{"of": {"it": "s3cr3t-1"}}], [{"of": True}]),
        ({"a": [["s3cr3t-1"]]}, {"a": [[True]]}),
        ({"a": '{"token": "s3cr3t-1"}', "b": "s3cr3t-1"}, {"b": True}),
        ({"a": {"s3": 12345}, "b": 12345}, {"a": True}),
    ],
)
def test_marks_of_parts_count_wherever_they_lie(value, marks):
    found = repr(of({"x": value}, {"x": None}, before_sensitive={"x": marks}))
    assert "s3cr3t-1" not in found and "12345" not in found


def test_values_of_the_state_and_of_variables_are_hidden_too():
    state = {
        "values": {
            "root_module": {
                "child_modules": [
                    {
                        "resources": [
                            {
                                "values": {"password": "s3cr3t-1"},
                                "sensitive_values": {"password": True},
                            }
                        ]
                    }
                ]
            }
        }
    }
    variables = {"token": {"sensitive": True}, "open": {}}
    plan = made(
        {"actions": ["create"], "after": {"a": "s3cr3t-1", "b": "s3cr3t-2", "c": "shown"}},
        prior_state=state,
        variables={"token": {"value": "s3cr3t-2"}, "open": {"value": "shown"}},
        configuration={"root_module": {"variables": variables}},
    )  # fmt: skip
    assert [one.after for one in plan.changes[0].attributes] == [SENSITIVE, SENSITIVE, "shown"]


def test_hidden_values_that_differ_are_a_change():
    marks = {"before_sensitive": {"all": [True]}, "after_sensitive": {"all": [True]}}
    assert of({"all": ["s3cr3t-1", "x"]}, {"all": ["s3cr3t-2", "x"]}, **marks) == (
        Attribute("all", '[(sensitive), "x"]', '[(sensitive), "x"]'),
    )


def test_a_value_changes_with_its_type():
    assert of({"a": 1, "b": True}, {"a": "1", "b": 1}) == (
        Attribute("a", "1", "1"),
        Attribute("b", "true", "1"),
    )


def test_blocks_are_compared_without_those_that_stay():
    rules = [{"port": port, "from": ["10.0.0.0/8"]} for port in (22, 80, 443)]
    assert of({"rule": rules}, {"rule": rules[1:]}) == (
        Attribute("rule[0].from", '["10.0.0.0/8"]', None),
        Attribute("rule[0].port", "22", None),
    )
    swapped = [rules[1], rules[0], rules[2]]
    assert {one.path for one in of({"rule": rules}, {"rule": swapped})} == {
        "rule[0].port", "rule[1].port",
    }  # fmt: skip


def test_names_that_are_no_identifiers_are_quoted():
    assert [one.path for one in of({"tags": None}, {"tags": {"a b": "1", "c-d": "2"}})] == [
        'tags["a b"]', "tags.c-d",
    ]  # fmt: skip


def test_a_policy_is_written_on_lines():
    [policy] = of({"policy": '{"allow":["a"]}'}, {"policy": '{"allow":["a","b"]}'})
    assert str(policy.before).splitlines() == ["{", '  "allow": [', '    "a"', "  ]", "}"]


@pytest.mark.parametrize(
    ("actions", "more", "only"),
    [
        ([["create"], ["create"]], {}, True),
        ([["create"], ["read"], ["no-op"]], {}, True),
        ([["create"], ["update"]], {}, False),
        ([["create"], ["delete"]], {}, False),
        ([["create"], ["delete", "create"]], {}, False),
        ([["create", "delete"]], {}, False),
        ([["create"], ["forget"]], {}, False),
        ([["create", "forget"]], {}, False),
        ([["create"], ["explode"]], {}, False),
        ([["create"], []], {}, False),
        ([["create"]], {"action_invocations": [{"address": "action.a.b"}]}, False),
        ([["create"]], {"output_changes": {"x": {"actions": ["update"]}}}, True),
        ([["no-op"]], {"output_changes": {"x": {"actions": ["create"]}}}, False),
        ([], {}, False),
    ],
)
def test_a_plan_only_creates_if_nothing_that_is_there_is_touched(actions, more, only):
    assert made(*({"actions": one} for one in actions), **more).only_creates is only


@pytest.mark.parametrize("also", [{"importing": {"id": "i-1"}}, {"importing": {}}])
def test_what_is_imported_was_there_before(also):
    plan = made({"actions": ["create"]}, {"actions": ["no-op"], **also})
    assert plan.only_creates is not bool(also["importing"])


@pytest.mark.parametrize(
    "written",
    [b"", b"No such file", b"[]", b"{}", b'{"values": {}}', b"\xff", b"[" * 100_000],
)
def test_what_is_no_plan_is_refused(written):
    with pytest.raises(Unreadable):
        plan_changes.parse(written)


def test_parts_that_have_another_form_are_passed_over():
    document = {
        "planned_values": None, "prior_state": [], "variables": "x", "output_changes": [1],
        "configuration": {"root_module": {"variables": {"a": 1}}},
        "resource_changes": [
            7, {"address": ["x"], "change": {"actions": {}, "after": 1, "after_unknown": 1}},
            {"change": {"actions": ["update"], "before": [1], "after": {"a": [None]},
                        "replace_paths": [7, [{"a": 1}]], "before_sensitive": "yes"}},
        ],
    }  # fmt: skip
    found = plan_changes.parse(json.dumps(document).encode())
    assert [change.action for change in found.changes] == ["other", "update"]


def test_texts_can_be_stored_anywhere():
    change = {"actions": ["create"], "after": {"a\0": "x\0y \ud800"}}
    plan = made(change)
    told = "".join(str(part) for part in plan.changes[0].attributes[0])
    assert "\0" not in told and told.encode()


def test_what_is_too_long_is_cut_and_says_so(monkeypatch):
    [long] = of({"a": "x" * 12_000}, {"a": None})
    assert str(long.before).endswith("… 2,000 characters more")
    many = {"actions": ["create"], "after": {f"a{n}": "x" * 9_000 for n in range(10)}}
    [change] = made(many).changes
    assert change.is_cut and 0 < len(change.attributes) < 10
    monkeypatch.setattr(plan_changes, "MOST_IN_ALL", 60_000)
    assert [len(one.attributes) > 0 for one in made(many, many).changes] == [True, False]


def test_what_is_not_listed_is_counted(monkeypatch):
    monkeypatch.setattr(plan_changes, "MOST_CHANGES", 2)
    plan = made(*({"actions": ["create"]} for _ in range(3)))
    assert (len(plan.changes), plan.counts) == (2, {"create": 3})
