"""What differs between two versions of a state, and what of it nobody sees."""

from typing import Any

from app.lib import state_changes
from app.lib.plan_values import SENSITIVE

HIDDEN = "hunter2-hunter2"


def state(*resources: Any, **outputs: Any) -> dict[str, Any]:
    return {"resources": list(resources), "outputs": outputs}


def resource(name: str, *instances: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"mode": "managed", "type": "thing", "name": name, "instances": list(instances)} | more


def instance(index: Any = None, marks: Any = (), **values: Any) -> dict[str, Any]:
    made = {"attributes": values, "sensitive_attributes": list(marks)}
    return made if index is None else made | {"index_key": index}


def changed(before: dict[str, Any], after: dict[str, Any]) -> dict[str, tuple[str, Any]]:
    """By address the action, and what of the attributes differs."""
    found = state_changes.compare(before, after).changes
    return {one.address: (one.action, [tuple(part[:3]) for part in one.attributes])
            for one in found}  # fmt: skip


def test_resources_come_go_and_change():
    before = state(resource("a", instance(id="1", n=1)), resource("b", instance(id="2")))
    after = state(resource("a", instance(id="1", n=2)), resource("c", instance(id="3")))
    assert changed(before, after) == {
        "thing.b": ("delete", [("id", "2", None)]),
        "thing.a": ("update", [("n", "1", "2")]),
        "thing.c": ("create", [("id", None, "3")]),
    }


def test_another_id_is_another_object():
    before, after = (state(resource("a", instance(id=one))) for one in ("1", "2"))
    assert changed(before, after)["thing.a"][0] == "replace"


def test_what_is_equal_is_not_told():
    same = state(resource("a", instance(id="1")), out={"value": 1})
    assert changed(same, same) == {}


def test_addresses_are_those_of_the_tool():
    found = changed(
        state(),
        state(
            resource("a", instance(0, id="1"), instance("k", id="2"), module="module.m"),
            resource("d", instance(id="3"), mode="data"),
        ),
    )
    assert set(found) == {"module.m.thing.a[0]", 'module.m.thing.a["k"]', "data.thing.d"}


def test_marked_values_are_hidden_wherever_they_stand():
    path = [{"type": "get_attr", "value": "settings"}, {"type": "get_attr", "value": "pin"}]
    before = state(resource("a", instance(id="1", settings={"pin": "old-old"}, copy="x")))
    after = state(resource("a", instance(None, [path], id="1", settings={"pin": HIDDEN},
                                         copy=HIDDEN)))  # fmt: skip
    assert changed(before, after)["thing.a"][1] == [
        ("copy", "x", SENSITIVE),
        ("settings.pin", SENSITIVE, SENSITIVE),
    ]


def test_a_mark_below_a_list_hides_the_list():
    path = [{"type": "get_attr", "value": "users"}, {"type": "index", "value": {"value": 0}},
            {"type": "get_attr", "value": "pin"}]  # fmt: skip
    after = state(resource("a", instance(None, [path], users=[{"pin": HIDDEN}])))
    assert changed(state(), after)["thing.a"][1] == [("users", None, SENSITIVE)]


def test_a_mark_of_an_unknown_form_hides_all():
    after = state(resource("a", instance(None, ["?"], name=HIDDEN)))
    assert HIDDEN not in repr(changed(state(), after))


def test_names_of_secrets_hide_what_no_mark_does():
    before = state(resource("a", instance(id="1", db=[{"admin_password": "first1"}])))
    after = state(resource("a", instance(id="1", db=[{"admin_password": HIDDEN}])))
    found = changed(before, after)
    assert found["thing.a"][0] == "update" and HIDDEN not in repr(found)


def test_outputs_differ_too_and_sensitive_ones_are_hidden():
    before = state(a={"value": "x"}, token={"value": "t1t1"})
    after = state(a={"value": "y"}, pin={"value": HIDDEN, "sensitive": True},
                  token={"value": HIDDEN})  # fmt: skip
    assert changed(before, after) == {
        "a": ("update", [("", "x", "y")]),
        "pin": ("create", [("", None, SENSITIVE)]),
        "token": ("update", [("", SENSITIVE, SENSITIVE)]),
    }


def test_a_value_of_any_type_is_shown_without_its_type():
    """So the type of a secret is not taken for one."""
    path = [{"type": "get_attr", "value": "input"}]
    secret, texts = (
        {"value": HIDDEN, "type": "string"},
        {"value": ["x"], "type": ["list", "string"]},
    )
    resources = [resource("a", instance(None, [path], input=secret))]
    after = state(*resources, resource("b", instance(input=texts)))
    assert changed(state(), after) == {
        "thing.a": ("create", [("input", None, SENSITIVE)]),
        "thing.b": ("create", [("input", None, '["x"]')]),
    }


def test_nonsense_is_no_failure():
    odd = {"resources": [1, {"instances": [2, {"attributes": [3]}]}], "outputs": [4]}
    assert state_changes.compare(odd, state()).counts == {"delete": 1}
