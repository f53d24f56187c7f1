"""Secret answers of a schedule go in, are kept encrypted, reach its runs and never come out."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.clock import utcnow
from app.db import db, transaction
from app.lib.keyring import KeyringError
from app.models import Event, Project, Schedule, ScheduleFire, Task, TaskTemplate
from app.services import schedule_starts, secrets
from tests import factories

SECRET = "c0ffee-of-the-deploy"
SURVEY = [
    {"name": "token", "title": "Token", "type": "secret", "required": True},
    {"name": "size", "title": "Size", "type": ""},
]


@pytest.fixture
def template(project: Project) -> TaskTemplate:
    return factories.template(project, survey_vars=SURVEY, allow_parallel_tasks=True)


@pytest.fixture
def url(project: Project) -> str:
    return f"/api/project/{project.id}/schedules"


Api = Callable[[str], FlaskClient]


def body(template: TaskTemplate, **params: Any) -> dict[str, Any]:
    given = {"project_id": template.project_id, "template_id": template.id, "active": True}
    given |= {"name": "Nightly", "cron_format": "0 2 * * *"}
    return given | ({"task_params": params} if params else {})


def secret(**answers: str) -> str:
    return json.dumps(answers)


@pytest.fixture
def made(api: Api, template: TaskTemplate, url: str) -> dict[str, Any]:
    answer = api("bob").post(url, json=body(template, secret=secret(token=SECRET)))
    assert answer.status_code == 201, answer.json
    assert SECRET not in answer.text and SECRET not in api("bob").get(url).text
    return answer.json


def stored() -> Schedule:
    db.session.expire_all()
    return db.session.scalars(select(Schedule)).one()


def given_to_a_run() -> str | None:
    """What a run of the schedule gets as its secret answers."""
    with transaction():
        assert schedule_starts.start(stored(), utcnow())
    run = db.session.scalars(select(Task).order_by(Task.id.desc())).first()
    return json.loads(secrets.decrypt(run.secret, run.sealed_as))["token"]


def test_they_reach_its_runs(made: dict[str, Any]) -> None:
    row = stored()
    assert row.secret and SECRET not in row.secret and SECRET not in json.dumps(row.task_params)
    assert given_to_a_run() == SECRET
    assert all(SECRET not in text for text in db.session.scalars(select(Event.description)))


def test_what_comes_out_can_be_sent_back(
    api: Api, url: str, template: TaskTemplate, made: dict[str, Any]
) -> None:
    one = f"{url}/{made['id']}"
    assert api("bob").put(one, json=api("bob").get(one).json).status_code == 204
    assert given_to_a_run() == SECRET
    sent = body(template, secret=secret(token="another one")) | {"id": made["id"]}
    assert api("bob").put(one, json=sent).status_code == 204
    assert given_to_a_run() == "another one"


def test_one_that_is_required_is_asked_for(api: Api, url: str, template: TaskTemplate) -> None:
    answer = api("bob").post(url, json=body(template))
    assert answer.status_code == 400
    assert answer.json["error"] == "task_params.secret.token: An answer is required"
    answer = api("bob").post(url, json=body(template, secret=secret(nope="x", token="y")))
    assert answer.json["error"] == "task_params.secret.nope: Unknown variable"


def test_another_template_does_not_get_them(
    api: Api, url: str, project: Project, made: dict[str, Any]
) -> None:
    other = factories.template(project, name="Other", survey_vars=SURVEY)
    sent = body(other) | {"id": made["id"]}
    answer = api("bob").put(f"{url}/{made['id']}", json=sent)
    assert answer.json["error"] == "task_params.secret.token: An answer is required"


def test_what_is_asked_no_more_is_forgotten(
    api: Api, url: str, template: TaskTemplate, made: dict[str, Any]
) -> None:
    template.survey_vars = SURVEY[1:]
    factories.save()
    sent = body(template) | {"id": made["id"]}
    assert api("bob").put(f"{url}/{made['id']}", json=sent).status_code == 204
    assert stored().secret is None


def test_one_that_cannot_be_read_says_so(
    made: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_text: str, _context: str) -> str:
        raise KeyringError("no key")

    monkeypatch.setattr(secrets, "decrypt", refuse)
    with transaction():
        assert not schedule_starts.start(stored(), utcnow())
    fire = db.session.scalars(select(ScheduleFire)).one()
    assert "Its secret answers cannot be read" in fire.reason


def test_the_page_keeps_what_is_not_typed_again(
    browser: Api, project: Project, template: TaskTemplate
) -> None:
    bob, url = browser("bob"), f"/p/{project.id}/schedules"
    assert "Kept encrypted, for every run." in bob.get(f"{url}/new?template={template.id}").text
    sent = {"template_id": template.id, "when": "cron", "cron_format": "0 2 * * *", "active": "1"}
    refused = bob.post(url, data=sent)
    assert refused.status_code == 422 and "An answer is required" in refused.text
    assert bob.post(url, data=sent | {"answer.token": SECRET}).status_code == 303
    one = f"{url}/{stored().id}/edit"
    page = bob.get(one).text
    assert "Empty: the one it has." in page and SECRET not in page
    assert bob.post(one, data=sent | {"version": 0, "answer.size": "L"}).status_code == 303
    assert given_to_a_run() == SECRET
