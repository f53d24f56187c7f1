import json

import pytest

from app.db import db
from app.models import Task
from tests import factories

HX = {"HX-Request": "true"}
QUESTIONS = [
    {"name": "release", "title": "Release", "required": True, "type": "", "default_value": "1.0"},
    {"name": "port", "title": "", "type": "int", "required": False, "description": "Of the server"},
    {"name": "color", "title": "Colour", "type": "enum", "required": False,
     "values": [{"name": "Sea", "value": "blue"}, {"name": "", "value": "red"}]},
    {"name": "note", "title": "Note", "type": "text", "required": False},
    {"name": "token", "title": "Token", "type": "secret", "required": True},
]  # fmt: skip


@pytest.fixture
def template(project):
    return factories.template(project, "Deploy", survey_vars=QUESTIONS)


@pytest.fixture
def sheet(browser, project, template):
    """Ask Carol's browser for the run sheet, or send it with these answers."""
    url = f"/p/{project.id}/templates/{template.id}/run"

    def ask(query="", **answers):
        client = browser("carol")
        if not answers:
            return client.get(url + query, headers=HX)
        data = {f"answer.{name}": value for name, value in answers.items()}
        return client.post(url, data=data, headers=HX)

    return ask


def test_each_question_is_a_field_of_its_kind(sheet):
    html = sheet().text
    assert 'name="answer.release" value="1.0"' in html and "Of the server" in html
    assert 'type="number" id="f-answer.port"' in html and ">port " in html
    assert (
        '<option value="blue">Sea</option>' in html and '<option value="red">red</option>' in html
    )
    assert '<textarea class="input" id="f-answer.note"' in html
    assert 'type="password" id="f-answer.token"' in html


def test_answers_reach_the_run_and_secrets_are_encrypted(sheet):
    answer = sheet(release="2.0", color="blue", port="", token="hush hush")
    run = db.session.query(Task).one()
    assert answer.headers["HX-Redirect"].endswith(f"/runs/{run.id}")
    assert json.loads(run.environment) == {"release": "2.0", "color": "blue"}
    assert run.secret and "hush" not in run.secret


def test_a_missing_answer_is_said_at_its_field_and_the_others_stay(sheet):
    answer = sheet(release="2.0", note="Typed", token="")
    assert answer.status_code == 422 and 'href="#f-answer.token"' in answer.text
    assert "Token: An answer is required" in answer.text and "Typed</textarea>" in answer.text
    assert db.session.query(Task).count() == 0


def test_a_secret_that_was_typed_is_never_sent_back(sheet, template):
    template.survey_vars = [*QUESTIONS[1:], {"name": "more", "type": "", "required": True}]
    db.session.commit()
    answer = sheet(token="hush hush")
    assert answer.status_code == 422 and "hush" not in answer.text


def test_running_again_takes_the_answers_along_but_no_secret(sheet, template):
    run = factories.task(template, status="success", environment=json.dumps({"release": "7"}))
    html = sheet(f"?from={run.id}").text
    assert 'name="answer.release" value="7"' in html and "hush" not in html
