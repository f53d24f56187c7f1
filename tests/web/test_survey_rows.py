"""Questions of a template, written in its form: by buttons that work without JavaScript."""

import re

import pytest

from app.db import db
from app.models import TaskTemplate
from tests import factories

HX = {"HX-Request": "true"}
BASE = {"name": "Deploy", "playbook": "hello.sh", "survey_vars": ""}
PORT = {"name": "port", "title": "Port", "type": "int", "min": "1", "max": "65535"}
COLOR = {"name": "color", "title": "Colour", "type": "enum", "values": "blue = Sea\nred",
         "default_value": "red", "required": "1"}  # fmt: skip


@pytest.fixture
def post(browser, project):
    """Bob sends the form with these questions; `do` is the button that he presses."""
    repository_id = factories.repository(project).id

    def send(*questions, path="/new/bash", **more):
        data = BASE | {"repository_id": repository_id} | more
        for place, question in enumerate(questions):
            data |= {f"survey_vars.{place}.{name}": v for name, v in question.items()}
        return browser("bob").post(f"/p/{project.id}/templates{path}", data=data, headers=HX)

    return send


def stored() -> TaskTemplate | None:
    db.session.expire_all()
    return db.session.query(TaskTemplate).first()


def order(html: str) -> list[str]:
    return re.findall(r'id="f-survey_vars\.\d+\.name" name="[^"]+" value="([^"]*)"', html)


def test_what_was_written_is_stored_and_comes_back(post, browser, project) -> None:
    assert post(PORT, COLOR).status_code == 204
    made = stored()
    assert made and [one["name"] for one in made.survey_vars] == ["port", "color"]
    port, color = made.survey_vars
    assert (port["min"], port["max"], port["required"]) == ("1", "65535", False)
    assert color["values"] == [{"name": "Sea", "value": "blue"}, {"name": "", "value": "red"}]
    assert color["required"] and "min" not in color
    html = browser("bob").get(f"/p/{project.id}/templates/{made.id}/edit").text
    assert order(html) == ["port", "color"] and "\nblue = Sea\nred</textarea>" in html


@pytest.mark.parametrize(("button", "names"), [
    ("question", ["port", "color", ""]),
    ("unquestion-0", ["color"]),
    ("raise-1", ["color", "port"]),
    ("lower-0", ["color", "port"]),
    ("raise-0", ["port", "color"]),
    ("lower-7", ["port", "color"]),
    ("unquestion-" + "9" * 5000, ["port", "color"]),
    ("raise-²", ["port", "color"]),
])  # fmt: skip
def test_buttons_add_remove_and_move_and_store_nothing(post, button, names) -> None:
    answer = post(PORT, COLOR, do=button)
    assert answer.status_code == 200 and order(answer.text) == names
    assert stored() is None


@pytest.mark.parametrize(("pressed", "focused"), [
    ("raise-2", "raise-1"), ("raise-1", "lower-0"), ("lower-0", "lower-1"), ("lower-1", "raise-2"),
])  # fmt: skip
def test_the_focus_follows_a_question_that_moves(post, pressed, focused) -> None:
    html = post(PORT, COLOR, PORT | {"name": "third"}, do=pressed).text
    assert re.findall(r"<[^>]* autofocus", html)[0].count(f'value="{focused}"') == 1


def test_moving_counts_questions_that_are_still_empty(post) -> None:
    assert order(post(PORT, {"name": ""}, COLOR, do="raise-2").text) == ["port", "color", ""]


def test_a_bad_question_is_said_at_its_field_and_keeps_what_was_typed(post) -> None:
    answer = post(PORT | {"min": "many"}, COLOR | {"name": ""}, COLOR | {"regex": "(a"})
    assert answer.status_code == 422
    assert 'href="#f-survey_vars.0.min">Least of “Port”: Must be a whole number' in answer.text
    assert 'href="#f-survey_vars.2.regex"' in answer.text and 'value="many"' in answer.text
    assert stored() is None


def test_a_question_needs_a_variable(post) -> None:
    answer = post(COLOR | {"name": ""})
    assert answer.status_code == 422 and "Name the variable that gets the answer" in answer.text
    assert 'id="f-survey_vars.0.name-error"' in answer.text


def test_two_questions_for_one_variable_are_refused(post) -> None:
    answer = post(PORT, COLOR | {"name": "port"})
    assert answer.status_code == 422 and "The variable port is asked for twice" in answer.text


def test_what_changes_the_tool_is_not_asked_for(post) -> None:
    answer = post(PORT | {"name": "PATH", "target": "env"})
    assert answer.status_code == 422 and 'href="#f-survey_vars.0.name"' in answer.text


def test_empty_questions_are_left_out(post) -> None:
    assert post({"name": "", "title": "", "type": "int"}, PORT).status_code == 204
    made = stored()
    assert made and len(made.survey_vars) == 1


def test_the_preview_shows_what_people_will_be_asked(post) -> None:
    html = post(PORT, COLOR, {"name": "", "title": "Soon"}, path="/new/bash/_survey").text
    assert 'type="number" id="f-answer.port"' in html and "From 1 to 65535." in html
    assert '<option value="red" selected>red</option>' in html and ">Soon" in html
    assert stored() is None


def test_a_form_without_questions_leaves_them(post, browser, project) -> None:
    post(PORT)
    made = stored()
    assert made
    data = {name: value for name, value in BASE.items() if name != "survey_vars"}
    data["repository_id"] = made.repository_id
    browser("bob").post(f"/p/{project.id}/templates/{made.id}/edit", data=data)
    kept = stored()
    assert kept and [one["name"] for one in kept.survey_vars] == ["port"]
