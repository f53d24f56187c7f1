"""What makes one run another than an earlier one: nothing is missed, invented or given away."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import Invalid, NotFound
from app.models import Project, TaskStatus, TaskTemplate
from app.services import run_comparisons, run_manifests
from app.services.run_comparisons import Change, compare
from tests import factories

S = TaskStatus
NAMES = st.text("abcXYZ_:.-", min_size=1, max_size=5)
VALUES = st.one_of(st.integers(), st.booleans(), st.text(max_size=5))
HASHES = st.sampled_from([f"h{n}" for n in range(4)])
ENTRIES = st.dictionaries(NAMES, st.builds(lambda h: {"hash": h}, HASHES), max_size=4)
VERSIONS = st.dictionaries(NAMES, st.sampled_from(["1.0", "1.1", "2.0"]), max_size=3)
INVERSE = {"added": "removed", "removed": "added", "changed": "changed"}


@st.composite
def variables(draw: Any) -> list[dict[str, Any]]:
    keys = draw(st.sets(st.tuples(st.sampled_from(["var", "env"]), NAMES), max_size=5))
    found = []
    for place, name in sorted(keys):
        secret, hash = draw(st.booleans()), draw(HASHES)
        one = {"name": name, "place": place, "origin": "group", "secret": secret, "hash": hash}
        found.append(one if secret else one | {"value": f"of {hash}"})
    return found


@st.composite
def manifests(draw: Any) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "v": 1,
        "key": draw(st.sampled_from(["k", "l"])),
        "commit": {"hash": draw(st.sampled_from(["a" * 40, "b" * 40])), "branch": "main"},
        "variables": draw(variables()),
        "parameters": draw(ENTRIES),
        "template": draw(ENTRIES),
    }
    parts = {"tools": VERSIONS, "requirements": VERSIONS}
    facts |= {name: draw(drawn) for name, drawn in parts.items() if draw(st.booleans())}
    if draw(st.booleans()):
        files = draw(st.dictionaries(NAMES, HASHES, max_size=3))
        facts["inventory"] = {"id": 1, "name": "Web", "type": "file", "files": files}
    return facts


@settings(max_examples=150, deadline=None)
@given(manifests())
def test_a_run_is_no_other_one_than_itself(a: dict[str, Any]) -> None:
    assert compare(a, a) == run_comparisons.Comparison()


@settings(max_examples=150, deadline=None)
@given(manifests(), manifests())
def test_what_is_new_one_way_is_gone_the_other(a: dict[str, Any], b: dict[str, Any]) -> None:
    there, back = compare(a, b), compare(b, a)
    turned = [
        replace(c, kind=INVERSE[c.kind], before=c.after, after=c.before) for c in back.changes
    ]
    assert list(there.changes) == turned
    assert (there.unknown, there.unsure) == (back.unknown, back.unsure)


@settings(max_examples=150, deadline=None)
@given(manifests(), manifests())
def test_every_variable_is_told_exactly_where_it_differs(a: Any, b: Any) -> None:
    b |= {"key": a["key"]}
    old, new = ({(v["place"], v["name"]): v["hash"] for v in one["variables"]} for one in (a, b))
    differ = {key for key in {*old, *new} if old.get(key) != new.get(key)}
    found = compare(a, b)
    assert {(c.place, c.name) for c in found.of("variables")} == differ
    assert not found.unsure


@settings(max_examples=150, deadline=None)
@given(manifests(), manifests())
def test_no_value_is_shown_that_a_manifest_has_not_and_none_of_a_secret(a: Any, b: Any) -> None:
    kept = {(v["place"], v["name"], v["value"]) for one in (a, b) for v in one["variables"]
            if "value" in v}  # fmt: skip
    shown = {(c.place, c.name, text) for c in compare(a, b).of("variables")
             for text in (c.before, c.after) if text is not None}  # fmt: skip
    assert shown <= kept


@settings(max_examples=150, deadline=None)
@given(manifests(), manifests())
def test_under_another_key_only_known_values_are_compared(a: Any, b: Any) -> None:
    a["key"], b["key"] = "k", "l"
    found = compare(a, b)
    told = {(c.part, c.name) for c in found.changes if c.kind == "changed"}
    assert not any(part in ("parameters", "template") for part, _ in told)
    assert set(a["template"]) & set(b["template"]) == {
        name for part, name in found.unsure if part == "template"
    }


def test_what_one_of_the_runs_did_not_get_to_is_unknown() -> None:
    commit = {"commit": {"hash": "a" * 40}}
    begun = {"v": 1, "key": "k", **commit, "variables": [], "parameters": {}, "template": {}}
    ended = begun | {"tools": {"Bash": "5.2"}, "command": {"line": "bash x"}}
    assert compare(begun, ended).unknown == ("tools", "requirements")
    assert compare(ended, ended | {"requirements": {"role x": "1"}}).changes == (
        Change("requirements", "role x", "added", None, "1"),
    )
    assert "variables" in compare(commit, begun).unknown


def test_the_commits_of_both_are_known_where_they_differ() -> None:
    a, b = ({"commit": {"hash": letter * 40, "branch": "main"}} for letter in "ab")
    assert compare(a, b).commits == ("a" * 40, "b" * 40)
    assert compare(a, a).commits is None


@pytest.fixture
def template(project: Project) -> TaskTemplate:
    return factories.template(project)


def test_a_run_is_compared_with_the_last_that_worked_before_it(template: TaskTemplate) -> None:
    other = factories.template(factories.again(Project, template.project_id), "Other")
    first, second = (factories.task(template, status=S.SUCCESS) for _ in range(2))
    factories.task(other, status=S.SUCCESS)
    factories.task(template, status=S.STOPPED)
    failed = factories.task(template, status=S.ERROR)
    factories.task(template, status=S.SUCCESS)
    pair = run_comparisons.since_it_worked(failed)
    assert pair and (pair.a.id, pair.b.id) == (second.id, failed.id) and first.id < second.id


def test_what_never_worked_is_compared_with_nothing(template: TaskTemplate) -> None:
    factories.task(template, status=S.ERROR)
    assert run_comparisons.since_it_worked(factories.task(template, status=S.ERROR)) is None


def test_runs_of_two_templates_are_not_compared(project: Project, template: TaskTemplate) -> None:
    a = factories.task(template, status=S.SUCCESS)
    b = factories.task(factories.template(project, "Other"), status=S.SUCCESS)
    with pytest.raises(Invalid):
        run_comparisons.of(project, a.id, b.id)


def test_a_run_of_another_project_is_not_found(project: Project, template: TaskTemplate) -> None:
    theirs = factories.task(factories.template(factories.project("Theirs")), status=S.SUCCESS)
    with pytest.raises(NotFound):
        run_comparisons.of(project, factories.task(template).id, theirs.id)


def test_stored_manifests_are_compared(project: Project, template: TaskTemplate) -> None:
    a, b = (factories.task(template, status=S.SUCCESS) for _ in range(2))
    for task, version in ((a, "5.1"), (b, "5.2")):
        run_manifests.keep(task.id, {"v": 1, "key": "k", "tools": {"Bash": version}})
    found = run_comparisons.of(project, a.id, b.id).comparison
    assert found.changes == (Change("tools", "Bash", "changed", "5.1", "5.2"),)


def test_a_picker_has_both_runs_however_old(project: Project, template: TaskTemplate) -> None:
    old, *_, new = (factories.task(template, status=S.SUCCESS) for _ in range(4))
    pair = run_comparisons.of(project, old.id, new.id)
    assert {old, new} <= set(run_comparisons.choices(pair, count=1))


def test_that_each_build_has_a_version_of_its_own_is_no_news() -> None:
    def build(version: str, limit: str) -> dict[str, Any]:
        given = {"version": version, "limit": limit}
        return {"v": 1, "key": "k", "parameters": {k: {"value": v} for k, v in given.items()}}

    found = compare(build("1.0", "a"), build("1.1", "b")).of("parameters")
    assert [change.name for change in found] == ["limit"]


def test_a_text_that_is_now_a_number_is_told_from_it() -> None:
    def facts(value: Any, digest: str) -> dict[str, Any]:
        one = {"name": "n", "place": "var", "origin": "survey", "secret": False}
        return {"v": 1, "key": "k", "variables": [one | {"value": value, "hash": digest}]}

    (found,) = compare(facts("4", "x"), facts(4, "y")).changes
    assert (found.before, found.after) == ('"4"', "4")


def test_of_questions_and_parameters_those_that_changed_are_named() -> None:
    def facts(digest: str, **parts: str) -> dict[str, Any]:
        told = {name: {"hash": value, "value": value} for name, value in parts.items()}
        return {"v": 1, "key": "k", "template": {"survey_vars": {"hash": digest, "parts": told}}}

    a, b = facts("x", n="type=int", o="type=text"), facts("y", n="type=int, required=true", p="")
    named = {(c.name, c.kind, c.before, c.after) for c in compare(a, b).changes}
    assert named == {
        ("survey_vars.n", "changed", "type=int", "type=int, required=true"),
        ("survey_vars.o", "removed", "type=text", None),
        ("survey_vars.p", "added", None, ""),
    }
    before_parts = {"v": 1, "key": "k", "template": {"survey_vars": {"hash": "z"}}}
    assert [c.name for c in compare(before_parts, b).changes] == ["survey_vars"]


def test_what_was_empty_is_told_from_what_is_not_kept() -> None:
    def facts(arguments: dict[str, Any]) -> dict[str, Any]:
        return {"v": 1, "key": "k", "template": {"arguments": arguments}}

    given = facts({"hash": "y", "value": '["-v"]'})
    (of_empty,) = compare(facts({"hash": "x", "value": None}), given).changes
    (of_hidden,) = compare(facts({"hash": "x"}), given).changes
    assert (of_empty.before, of_hidden.before) == ("", None)
