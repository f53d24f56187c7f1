"""The fields of a run sheet by the kinds of its questions, and the answers they make."""

import json

import pytest

from app.db import db
from app.models import Task
from tests import factories

HX = {"HX-Request": "true"}
QUESTIONS = [
    {"name": "sure", "title": "Sure", "type": "bool", "default_value": "true"},
    {"name": "zones", "title": "Zones", "type": "select", "max": "2",
     "values": [{"name": "Europe", "value": "eu"}, {"name": "", "value": "us"}, {"value": "as"}],
     "default_value": ["eu"]},
    {"name": "share", "title": "Share", "type": "number", "min": "0", "max": "1"},
    {"name": "day", "title": "Day", "type": "date", "min": "2026-01-01"},
    {"name": "at", "title": "At", "type": "time"},
    {"name": "until", "title": "Until", "type": "datetime"},
    {"name": "utc", "title": "UTC", "type": "datetime", "default_value": "2026-12-31T23:59Z"},
    {"name": "tag", "title": "Tag", "regex": "v[0-9]+", "default_value": "v1", "min": "2"},
]  # fmt: skip


@pytest.fixture
def send(browser, project):
    """Send the run sheet with these answers; without any, look at it."""
    template = factories.template(project, "Deploy", survey_vars=QUESTIONS)
    url = f"/p/{project.id}/templates/{template.id}/run"

    def ask(**answers):
        if not answers:
            return browser("carol").get(url, headers=HX)
        data = {f"answer.{name}": value for name, value in answers.items()}
        data["asked"] = ["sure", "zones"]
        return browser("carol").post(url, data=data, headers=HX)

    return ask


def answers() -> dict:
    return json.loads(db.session.query(Task).one().environment)


def test_each_kind_has_its_control(send) -> None:
    html = send().text
    assert 'name="answer.sure" value="true" checked' in html
    assert 'name="answer.zones" value="eu" checked' in html and ">Europe<" in html
    assert 'name="answer.zones" value="us">' in html and "Choose at most 2." in html
    assert 'type="number" id="f-answer.share"' in html and 'step="any"' in html
    assert 'type="date" id="f-answer.day"' in html and 'min="2026-01-01"' in html
    assert 'type="time" id="f-answer.at"' in html
    assert 'type="datetime-local" id="f-answer.until"' in html
    assert 'type="text" id="f-answer.utc"' in html  # browsers show no zones
    assert "Must match v[0-9]+" in html and 'minlength="2"' in html


def test_answers_have_the_type_of_their_question(send) -> None:
    answer = send(
        sure="true", zones=["us", "as"], share="0.50", day="2026-02-01", at="07:00",
        until="2026-12-31T07:00", tag="v2", utc="2026-01-01T00:00",
    )  # fmt: skip
    assert answer.status_code == 204
    assert answers() == {
        "sure": True, "zones": ["us", "as"], "share": 0.5, "day": "2026-02-01", "at": "07:00",
        "until": "2026-12-31T07:00", "tag": "v2", "utc": "2026-01-01T00:00",
    }  # fmt: skip


def test_a_field_that_was_emptied_does_not_get_its_default_back(send) -> None:
    assert send(tag="", utc="").status_code == 204
    assert answers() == {"sure": False, "zones": [], "tag": "", "utc": ""}


def test_all_that_is_wrong_is_said_at_once_and_kept(send) -> None:
    answer = send(zones=["eu", "us", "as"], share="2", day="2025-01-01", tag="w9")
    assert answer.status_code == 422
    for name, why in {
        "zones": "Zones: Choose at most 2",
        "share": "Share: Must be at most 1",
        "day": "Day: Must not be before 2026-01-01",
        "tag": "Tag: Must match v[0-9]+",
    }.items():
        assert f'href="#f-answer.{name}">{why}' in answer.text
    assert 'value="as" checked' in answer.text and 'value="w9"' in answer.text
    assert 'name="answer.sure" value="true">' in answer.text
    assert db.session.query(Task).count() == 0


def test_a_run_that_is_repeated_brings_its_answers(browser, project) -> None:
    template = factories.template(project, "Deploy", survey_vars=QUESTIONS)
    given = {"sure": False, "zones": ["as"], "share": 0.25, "tag": "v7"}
    run = factories.task(template, status="success", environment=json.dumps(given))
    url = f"/p/{project.id}/templates/{template.id}/run?from={run.id}"
    html = browser("carol").get(url, headers=HX).text
    assert 'name="answer.sure" value="true">' in html
    assert 'value="as" checked' in html and 'value="eu">' in html
    assert 'value="0.25"' in html and 'value="v7"' in html


def test_the_effective_command_follows_what_is_typed_and_has_no_secret(browser, project) -> None:
    survey = [
        {"name": "release", "default_value": "1"},
        {"name": "ZONE", "target": "env"},
        {"name": "token", "type": "secret"},
    ]
    template = factories.template(project, "Deploy", survey_vars=survey)
    url = f"/p/{project.id}/templates/{template.id}/run"
    html = browser("carol").get(url, headers=HX).text
    assert "bash hello.sh release=1" in html and 'hx-params="not answer.token"' in html
    data = {"answer.release": "two words", "answer.ZONE": "eu", "answer.token": "hush"}
    text = browser("carol").post(f"{url}/_command", data=data, headers=HX).text
    assert "bash hello.sh &#39;release=two words&#39;" in text
    assert "hush" not in text and "ZONE" not in text


def test_the_effective_command_of_a_playbook_has_its_limit(browser, project) -> None:
    template = factories.template(
        project, "Play", app="ansible", playbook="site.yml",
        inventory_id=factories.inventory(project).id,
        task_params={"limit": ["web"], "tags": ["a"], "allow_override_limit": True},
    )  # fmt: skip
    url = f"/p/{project.id}/templates/{template.id}/run"
    assert "--limit=web --tags=a" in browser("carol").get(url, headers=HX).text
    data = {"param.limit": "db1, db2", "param.tags": "closed", "param.dry_run": "1"}
    text = browser("carol").post(f"{url}/_command", data=data, headers=HX).text
    assert "--check" in text and "--limit=db1,db2 --tags=a" in text
