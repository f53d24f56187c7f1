"""The form of a template: new, edit, copy, its command."""

import json
import re

import pytest

from app.db import db
from app.executors import EXECUTORS
from app.models import Task, TaskTemplate
from tests import factories
from tests.web.readers import HX, reader


@pytest.fixture
def template(project):
    return factories.template(project, "Deploy", description="Rolls out")


@pytest.fixture
def get(browser, project):
    return reader(browser, f"/p/{project.id}/templates")


@pytest.fixture
def post(browser, project):
    """Send a form below the templates; the answer as it is."""

    def send(path, name="bob", data=None, **headers):
        return browser(name).post(f"/p/{project.id}/templates{path}", data=data, headers=headers)

    return send


def stored(template_id):
    db.session.expire_all()
    return db.session.get(TaskTemplate, template_id)


def values(template, **changes):
    form = {
        "name": "Deploy web",
        "description": "",
        "repository_id": template.repository_id,
        "git_branch": "",
        "playbook": "deploy/web.sh",
        "arguments": "--limit\nweb 1",
        "max_duration": "2.5",
        "allow_parallel_tasks": "1",
    }
    return form | changes


def test_new_offers_every_kind(browser, project):
    page = browser("bob").get(f"/p/{project.id}/templates/new").text
    for word, executor in EXECUTORS.items():
        assert f'href="/p/{project.id}/templates/new/{word}"' in page
        assert executor.sentence in page
    assert browser("bob").get(f"/p/{project.id}/templates/new/cobol").status_code == 404


def test_a_template_is_made_from_what_was_typed(post, template, project):
    group = factories.environment(project, "Production")
    data = values(template, environment_ids=[group.id], allow_override_args_in_task="1")
    answer = post("/new/bash", data=data)
    made = stored(template.id + 1)
    assert (answer.status_code, answer.location) == (303, f"/p/{project.id}/templates/{made.id}")
    assert (made.app, made.name, made.playbook) == ("bash", "Deploy web", "deploy/web.sh")
    assert (made.description, made.git_branch) == (None, None)
    assert json.loads(made.arguments) == ["--limit", "web 1"] and made.max_duration == 150
    assert made.environment_ids == [group.id] and made.allow_override_args_in_task
    assert made.allow_parallel_tasks and not made.allow_override_branch_in_task


def test_htmx_is_led_on_as_a_whole_page(post, template, project):
    answer = post("/new/bash", data=values(template, then="run"), **HX)
    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"] == f"/p/{project.id}/templates/{template.id + 1}/run"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("playbook", ""),
        ("playbook", "../../etc/passwd"),
        ("playbook", "x" * 1025),
        ("repository_id", ""),
        ("repository_id", "4711"),
        ("repository_id", "nonsense"),
        ("git_branch", "-uevil"),
        ("max_duration", "soon"),
        ("max_duration", "-1"),
        ("environment_ids", "4711"),
    ],
)
def test_a_refused_form_keeps_what_was_typed_and_says_why(post, template, field, value):
    answer = post("/new/bash", data=values(template, **{field: value}), **HX)
    assert answer.status_code == 422 and "<html" not in answer.text
    assert "data-summary" in answer.text and f'href="#f-{field}"' in answer.text
    assert "web 1</textarea>" in answer.text
    assert stored(template.id + 1) is None


def test_what_is_missing_is_said_in_the_words_of_the_page(post, template):
    html = post("/new/bash", data=values(template, name="", playbook="")).text
    assert "Script: Name a script of the repository" in html and "can not be empty" not in html


def test_all_that_an_empty_form_lacks_is_said_at_once_in_its_order(post, get):
    html = post("/new/bash", data={"name": ""}, **HX).text
    assert re.findall(r'href="#f-(\w+)"', html) == ["name", "repository_id", "playbook"]
    assert "data-summary" not in get("/new/bash", "bob")


def test_without_scripts_a_refused_form_is_a_page(post, template):
    answer = post("/new/bash", data=values(template, name="", description="Typed text"))
    assert answer.status_code == 422 and "<h1" in answer.text and "Typed text" in answer.text


def test_an_edit_keeps_what_the_form_does_not_show(post, get, project, template):
    template.survey_vars = [{"name": "n", "title": "N", "type": "int", "required": False}]
    template.arguments, template.suppress_error_alerts = '["a"]', True
    db.session.commit()
    form = get(f"/{template.id}/edit", "bob")
    version = re.search(r'name="version" value="(\d+)"', form)[1]
    assert ">a</textarea>" in form.replace("\n", "")
    answer = post(f"/{template.id}/edit", data=values(template, version=version))
    assert answer.location == f"/p/{project.id}/templates/{template.id}"
    row = stored(template.id)
    assert row.name == "Deploy web" and row.suppress_error_alerts
    assert row.survey_vars[0]["name"] == "n" and row.lock_version == int(version) + 1


def test_an_edit_of_an_old_state_shows_what_somebody_else_stored(post, template):
    data = values(template, version=template.lock_version)
    assert post(f"/{template.id}/edit", data=data | {"name": "First"}).status_code == 303
    answer = post(f"/{template.id}/edit", data=data | {"name": "Second"}, **HX)
    assert answer.status_code == 409 and "Changed by Bob" in answer.text
    assert "<dd>First</dd>" in answer.text and 'value="Second"' in answer.text
    assert f'/templates/{template.id}/edit">Load theirs' in answer.text
    assert "<span>Save mine</span>" in answer.text
    assert stored(template.id).name == "First"
    version = re.search(r'name="version" value="(\d+)"', answer.text)[1]
    again = data | {"name": "Second", "version": version}
    assert post(f"/{template.id}/edit", data=again).status_code == 303
    assert stored(template.id).name == "Second"


def test_what_somebody_else_stored_is_said_as_the_page_shows_it(post, project, template):
    group = factories.environment(project, name="Staging")
    other = factories.repository(project, name="Scripts")
    data = values(template, version=template.lock_version, environment_ids="")
    mine = data | {"repository_id": template.repository_id, "max_duration": ""}
    theirs = {"environment_ids": group.id, "repository_id": other.id, "max_duration": "90"}
    assert post(f"/{template.id}/edit", data=data | theirs).status_code == 303
    html = post(f"/{template.id}/edit", data=mine).text
    for text in ("Staging", "Scripts", "90 minutes"):
        assert f"<dd>{text}</dd>" in html
    same = post(f"/{template.id}/edit", data=mine | {"environment_ids": group.id}).text
    assert "<dd>Staging</dd>" not in same


def test_a_copy_takes_everything_along_under_a_new_name(post, get, project, template):
    template.suppress_error_alerts = True
    db.session.commit()
    html = get(f"/{template.id}/copy", "bob")
    assert 'value="Copy of Deploy"' in html and 'name="version"' not in html
    post(f"/{template.id}/copy", data=values(template, name="Copy of Deploy"))
    copy = stored(template.id + 1)
    assert (copy.name, copy.suppress_error_alerts) == ("Copy of Deploy", True)
    assert stored(template.id).name == "Deploy"


def test_the_command_follows_what_is_being_typed(post, project):
    group = factories.environment(project, json='{"n": 1}')
    data = {"playbook": "a.sh", "arguments": "-x\ny z", "environment_ids": group.id}
    html = post("/new/bash/_command", data=data, **HX).text
    assert "bash a.sh -x &#39;y z&#39; n=1" in html and "<html" not in html


def test_the_command_takes_more_than_an_address_holds_and_stores_nothing(post, template):
    long = {"playbook": "a.sh", "arguments": "x" * 100_000}
    for path in ("/new/bash/_command", f"/{template.id}/run/_command"):
        template.allow_override_args_in_task = True
        db.session.commit()
        answer = post(path, data=long, **HX)
        assert answer.status_code == 200 and "x" * 100_000 in answer.text
    assert stored(template.id + 1) is None and db.session.query(Task).count() == 0


def test_a_repository_made_beside_the_form_comes_back_chosen(get, project, template):
    newest = factories.repository(project, name="Newest")
    html = get("/new/bash/_field/repository_id", "bob", **HX)
    assert f'<option value="{newest.id}" selected>Newest</option>' in html and "<html" not in html


@pytest.mark.parametrize("path", ["/new/bash", "/{}/edit", "/{}/copy", "/{}/delete"])
@pytest.mark.parametrize(("name", "status"), [("carol", 403), ("dave", 403), ("mallory", 404)])
def test_only_managers_change_templates(post, template, path, name, status):
    answer = post(path.format(template.id), name, values(template), **HX)
    assert answer.status_code == status
    assert stored(template.id).name == "Deploy" and stored(template.id + 1) is None
