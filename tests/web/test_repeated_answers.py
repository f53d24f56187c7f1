"""A run that is started again gets, byte for byte, what the run before was given."""

import json
from typing import Any

import pytest

from app.db import db
from app.models import Task
from tests import factories

CHOICES = [{"name": "", "value": value} for value in ("v1.0", "v1.1")]
QUESTIONS = [
    {"name": "s", "type": "string"},
    {"name": "t", "type": "text"},
    {"name": "m", "type": "select", "values": CHOICES},
    {"name": "n", "type": "int"},
    {"name": "b", "type": "bool"},
]
GIVEN = {"s": "two\nlines", "t": "a\r\nb\n", "m": ["v1.1", "v1.0"], "n": 4, "b": True}
# As a browser sends the untouched form.
SENT = {"answer.s": "two\r\nlines", "answer.t": "a\r\nb\r\n", "answer.m": ["v1.0", "v1.1"],
        "answer.n": "4", "answer.b": "true", "message": "one two"}  # fmt: skip


@pytest.fixture
def before(project: Any) -> Task:
    template = factories.template(project, survey_vars=QUESTIONS)
    return factories.task(
        template, environment=json.dumps(GIVEN), message="one \r\ntwo", status="success"
    )


@pytest.fixture
def again(browser: Any, before: Task) -> Any:
    """Start it again with this form; what the new run was given, and its message."""

    def ask(**changed: Any) -> tuple[dict[str, Any], str]:
        url = f"/p/{before.project_id}/templates/{before.template_id}/run?from={before.id}"
        sent = SENT | {name.replace("_", "."): value for name, value in changed.items()}
        answer = browser("carol").post(url, data=sent, headers={"HX-Request": "true"})
        assert answer.status_code == 204
        run = db.session.query(Task).filter(Task.id != before.id).one()
        return json.loads(run.environment), run.message

    return ask


def test_what_nobody_touched_is_the_same(again: Any) -> None:
    assert again() == (GIVEN, "one \r\ntwo")


def test_what_was_changed_is_as_it_was_typed(again: Any) -> None:
    changed = again(answer_s="one line", answer_t="a\r\nc", answer_m=["v1.0"], message="three")
    assert changed == (GIVEN | {"s": "one line", "t": "a\nc", "m": ["v1.0"]}, "three")


def test_a_text_of_several_lines_has_a_field_of_several_lines(browser: Any, before: Task) -> None:
    url = f"/p/{before.project_id}/templates/{before.template_id}/run?from={before.id}"
    html = browser("carol").get(url).text
    assert '<textarea class="input" id="f-answer.s"' in html


def test_a_number_that_was_given_for_a_text_stays_one(again: Any, before: Task) -> None:
    before.environment = json.dumps(GIVEN | {"s": 5})
    db.session.commit()
    assert again(answer_s="5")[0]["s"] == 5
