"""Whatever a start is given is taken as it is, or refused by name: nothing is lost on the way."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from app.errors import Invalid
from app.executors import EXECUTORS, executor_of
from app.executors.parameters import LEVELS, Parameter
from app.models import TaskTemplate
from app.schemas import survey_kinds
from app.schemas.tasks import TaskIn, is_empty
from app.services import survey_answers, task_params

TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
SHAPED = st.sampled_from(
    ["1", "-7", "1e5", "true", "2026-12-31", "2026-02-30", "23:59", "2026-12-31T23:59:00+02:00",
     "0001-01-01T00:00+23:59", "a", "b", "a,b", "web1", "-x", "x" * 41, "@f", "a\0b", "a\nb"],
)  # fmt: skip
NUMBERS = st.from_regex(r"-?[0-9]{1,3}(\.[0-9]{1,30})?(e-?[0-9])?", fullmatch=True)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS | SHAPED
VALUES = st.recursive(
    LEAVES.filter(lambda value: value not in (float("inf"), float("-inf"))),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=2),
    max_leaves=4,
)
BOUNDS = {
    "int": ("-5", "100"), "number": ("-1.5", "9.5"), "date": ("2020-01-01", "2030-01-01"),
    "time": ("01:00", "23:00"), "datetime": ("2020-01-01T00:00", "2030-01-01T00:00"),
    "": ("1", "10"), "select": ("1", "2"),
}  # fmt: skip
PARAMETERS = [
    pytest.param(tool, one, id=f"{tool.__name__}-{one.name}")
    for tool in dict.fromkeys(EXECUTORS.values())
    for one in tool.parameters
]


def question(kind: str) -> dict[str, Any]:
    asked: dict[str, Any] = {"name": "answer", "type": kind}
    if kind in BOUNDS:
        asked["min"], asked["max"] = BOUNDS[kind]
    if survey_kinds.KINDS[kind].chooses:
        asked["values"] = [{"name": "", "value": word} for word in "ab"]
    return asked


def is_same(kind: str, given: Any, kept: Any) -> bool:
    """Whether a tool is told what was said: a number with all its digits, a text as it is."""
    if kind == "bool":
        return kept is (given in (True, "true"))
    if kind in ("int", "integer", "number"):
        return type(kept) in (int, float) and Decimal(str(kept)) == Decimal(str(given))
    return type(kept) is type(given) and kept == given


@pytest.mark.parametrize("kind", survey_kinds.KINDS)
@given(value=VALUES | NUMBERS)
@settings(deadline=None)
def test_an_answer_is_kept_in_its_type_or_refused_by_name(kind: str, value: Any) -> None:
    asked = question(kind)
    place = "secret" if kind == "secret" else "environment"
    shape = TaskTemplate(app="bash", playbook="x", survey_vars=[asked])
    data = TaskIn(template_id=1, **{place: json.dumps({"answer": value})})
    refused = survey_answers.refusals(data, shape)
    assert set(refused) <= {f"{place}.answer"} and all(refused.values())
    if not refused and not survey_kinds.is_missing(value):
        open_, secret = survey_answers.kept(data, shape)
        kept = json.loads(secret if place == "secret" else open_)
        assert list(kept) == ["answer"] and is_same(kind, value, kept["answer"])
        read = survey_kinds.KINDS[kind].read(value)
        if kind in BOUNDS and kind not in ("", "select"):
            low, high = map(survey_kinds.KINDS[kind].read, BOUNDS[kind])
            assert low <= read <= high


@given(st.dictionaries(TEXTS | st.sampled_from(["ok", "PATH", "LD_PRELOAD", "a-b"]), VALUES))
@settings(deadline=None)
def test_a_free_variable_is_kept_as_it_is_or_refused_by_name(values: dict[str, Any]) -> None:
    shape = TaskTemplate(
        app="bash", playbook="x", survey_vars=[], allow_any_vars_in_task=True
    )  # fmt: skip
    data = TaskIn(template_id=1, environment=json.dumps(values))
    refused = survey_answers.refusals(data, shape)
    assert set(refused) <= {f"environment.{name}" for name in values}
    kept = json.loads(survey_answers.kept(data, shape)[0] or "{}")
    for name, value in values.items():
        assert f"environment.{name}" in refused or kept[name] == value


@pytest.mark.parametrize(("tool", "parameter"), PARAMETERS)
@given(value=VALUES)
@settings(deadline=None)
def test_a_parameter_has_its_own_type_or_is_refused(
    tool: Any, parameter: Parameter, value: Any
) -> None:
    try:
        found = parameter.read(value)
    except ValueError as error:
        assert str(error).startswith("Must")
        return
    kinds = {"flag": bool, "text": str, "texts": list, "level": int}
    assert type(found) is kinds[parameter.kind] and parameter.read(found) == found
    assert parameter.kind != "level" or found in LEVELS
    for text in found if isinstance(found, list) else [str(found)]:
        assert text == text.strip() and not {"\n", "\0"} & set(text)


@pytest.mark.parametrize("app", EXECUTORS)
@given(data=st.data())
@settings(deadline=None, max_examples=50)
def test_no_parameter_is_dropped(app: str, data: st.DataObject) -> None:
    names = st.sampled_from([p.name for p in executor_of(app).parameters]) | TEXTS
    params = data.draw(st.dictionaries(names, VALUES, max_size=4))
    switches = data.draw(st.dictionaries(st.sampled_from(sorted(task_params.switches_of(app))),
                                         st.booleans()))  # fmt: skip
    shape = TaskTemplate(app=app, playbook="x", survey_vars=[], task_params=switches)
    given_ = {name: value for name, value in params.items() if not is_empty(value)}
    try:
        start = TaskIn(template_id=1, params=params)
        task_params.check(start, shape)
    except Invalid as error:
        assert set(error.fields) <= {f"params.{name}" for name in given_}
        return
    except ValidationError:
        raise AssertionError("parameters are checked by their names") from None
    assert set(task_params.given(start, shape)) == set(given_)
    assert set(given_) <= {one.name for one in task_params.opened(shape)}
