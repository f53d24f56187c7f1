"""The sheet that starts a run."""

import json

import pytest

from app.db import db
from app.models import Task
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


def test_the_sheet_asks_only_what_the_template_opens(get, project, template):
    html = get(f"/{template.id}/run", "carol")
    assert 'name="message"' in html and 'name="git_branch"' not in html
    assert 'name="arguments"' not in html and "bash hello.sh" in html
    template.allow_override_args_in_task = template.allow_override_branch_in_task = True
    db.session.commit()
    sheet = get(f"/{template.id}/run", "carol", **HX)
    assert 'name="git_branch"' in sheet and 'name="arguments"' in sheet and "<html" not in sheet
    assert 'hx-target="#sheet-body"' in sheet


def test_a_run_starts_and_its_page_follows(post, project, template, cast):
    answer = post(f"/{template.id}/run", "carol", {"message": "Release 7"}, **HX)
    run = db.session.query(Task).one()
    assert answer.headers["HX-Redirect"] == f"/p/{project.id}/runs/{run.id}"
    assert (run.message, run.user_id, run.status) == ("Release 7", cast["carol"].id, "waiting")
    plain = post(f"/{template.id}/run", "carol")
    assert (plain.status_code, plain.location) == (303, f"/p/{project.id}/runs/{run.id + 1}")


def test_what_is_open_reaches_the_run(post, project, template):
    template.allow_override_args_in_task = template.allow_override_branch_in_task = True
    db.session.commit()
    post(f"/{template.id}/run", "carol", {"arguments": "-v\nx y", "git_branch": "feature/a"})
    run = db.session.query(Task).one()
    assert json.loads(run.arguments) == ["-v", "x y"] and run.git_branch == "feature/a"


def test_a_time_limit_is_typed_in_minutes_and_offered_again(post, get, browser, project, template):
    post(f"/{template.id}/run", "carol", {"max_duration": "2.5"})
    run = db.session.query(Task).one()
    assert run.max_duration == 150
    assert 'value="2.5"' in get(f"/{template.id}/run?from={run.id}", "carol", **HX)
    details = browser("dave").get(f"/p/{project.id}/runs/{run.id}/details").text
    assert "Time limit" in details and "2m 30s" in details


@pytest.mark.parametrize("minutes", ["soon", "-1", "1e300"])
def test_a_time_limit_that_is_none_is_refused_at_its_field(post, template, minutes):
    answer = post(f"/{template.id}/run", "carol", {"max_duration": minutes}, **HX)
    assert answer.status_code == 422 and 'href="#f-max_duration"' in answer.text
    assert db.session.query(Task).count() == 0


def test_a_refused_start_shows_the_sheet_with_what_was_typed(post, template):
    template.allow_override_branch_in_task = True
    db.session.commit()
    answer = post(f"/{template.id}/run", "carol", {"message": "m", "git_branch": "-bad"}, **HX)
    assert answer.status_code == 422 and 'href="#f-git_branch"' in answer.text
    assert "Not started: 1 field" in answer.text
    assert 'value="-bad"' in answer.text and 'value="m"' in answer.text
    assert db.session.query(Task).count() == 0


def test_what_the_template_does_not_open_is_refused_not_dropped(post, template):
    answer = post(f"/{template.id}/run", "carol", {"git_branch": "other"}, **HX)
    assert answer.status_code == 422 and db.session.query(Task).count() == 0


def test_running_again_is_prefilled_from_that_run(get, template):
    template.allow_override_args_in_task = True
    run = factories.task(template, message="Night run", arguments='["-v", "x"]', status="success")
    html = get(f"/{template.id}/run?from={run.id}", "carol", **HX)
    assert 'value="Night run"' in html and "-v\nx</textarea>" in html
    assert f"Values from run #{run.id}" in html and "bash hello.sh -v x" in html


def test_a_run_of_another_template_fills_nothing(browser, project, template):
    other = factories.task(factories.template(project, "Other"), status="success")
    url = f"/p/{project.id}/templates/{template.id}/run?from={other.id}"
    assert browser("carol").get(url).status_code == 404


def test_the_sheets_command_follows_the_arguments(post, template):
    template.allow_override_args_in_task = True
    db.session.commit()
    data = {"arguments": "-a\nb"}
    assert "hello.sh -a b" in post(f"/{template.id}/run/_command", "carol", data, **HX).text


@pytest.mark.parametrize(("name", "status"), [("dave", 403), ("mallory", 404)])
def test_guests_and_strangers_cannot_run(browser, post, project, template, name, status):
    assert post(f"/{template.id}/run", name, **HX).status_code == status
    url = f"/p/{project.id}/templates/{template.id}/run"
    assert browser(name).get(url).status_code == status
    assert db.session.query(Task).count() == 0


def test_the_command_of_a_form_names_the_hosts_that_are_chosen(browser, project) -> None:
    file = factories.inventory(project, type="file", inventory="hosts/web")
    data = {"playbook": "site.yml", "inventory_id": str(file.id)}
    url = f"/p/{project.id}/templates/new/ansible/_command"
    assert "-i hosts/web" in browser("alice").post(url, data=data).text
    other = factories.project("Other")
    elsewhere = factories.inventory(other, type="file", inventory="hosts/else")
    answer = browser("alice").post(url, data=data | {"inventory_id": str(elsewhere.id)})
    assert answer.status_code == 200 and "hosts/else" not in answer.text
