"""Variables that no question asks stay with a start, wherever it is looked at or repeated."""

import json
import re
from collections.abc import Callable
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.db import db
from app.models import Project, Schedule, Task, TaskTemplate
from app.schemas.task_templates import TaskTemplateIn
from app.web.template_labels import LABELS
from tests import factories

Browser = Callable[[str], FlaskClient]
SURVEY = [{"name": "size", "title": "Size", "type": ""}]


@pytest.fixture
def template(project: Project) -> TaskTemplate:
    return factories.template(
        project, survey_vars=SURVEY, allow_any_vars_in_task=True, allow_parallel_tasks=True
    )


@pytest.fixture
def url(template: TaskTemplate) -> str:
    return f"/p/{template.project_id}/templates/{template.id}/run"


def field(page: str) -> str:
    return unescape(re.search(r'name="other_variables"[^>]*>\n?(.*?)</textarea>', page, re.S)[1])


def runs() -> list[Task]:
    return list(db.session.scalars(select(Task).order_by(Task.id)))


def test_a_run_is_repeated_with_them(browser: Browser, template: TaskTemplate, url: str) -> None:
    given = {"size": "L", "release": "1.2", "zones": ["a", "b"]}
    before = factories.task(template, environment=json.dumps(given), status="success")
    carol = browser("carol")
    sheet = carol.get(f"{url}?from={before.id}").text
    others = field(sheet)
    assert json.loads(others) == {"release": "1.2", "zones": ["a", "b"]}
    sent = {"answer.size": "M", "other_variables": others}
    assert carol.post(f"{url}?from={before.id}", data=sent).status_code == 303
    assert json.loads(runs()[-1].environment) == given | {"size": "M"}
    assert "release" in carol.post(f"{url}/_command", data=sent).text


@pytest.mark.parametrize("text", ["{", "[1]", '"x"', "1"])
def test_they_are_an_object(browser: Browser, url: str, text: str) -> None:
    answer = browser("carol").post(url, data={"other_variables": text, "answer.size": "M"})
    assert answer.status_code == 422 and "Must be a JSON object" in answer.text
    assert field(answer.text) == text and 'value="M"' in answer.text
    assert runs() == []
    command = browser("carol").post(f"{url}/_command", data={"other_variables": text})
    assert command.status_code == 200


def test_a_template_that_takes_none_refuses_them_by_name(
    browser: Browser, template: TaskTemplate, url: str
) -> None:
    template.allow_any_vars_in_task = False
    factories.save()
    assert "other_variables" not in browser("carol").get(url).text
    answer = browser("carol").post(url, data={"other_variables": '{"release": "1"}'})
    assert answer.status_code == 422 and "Unknown variable" in answer.text
    assert runs() == []


def test_a_schedule_keeps_what_a_client_gave_it(browser: Browser, project: Project) -> None:
    build = factories.template(project, name="Build", type="build", start_version="1")
    template = factories.template(
        project, name="Deploy", app="ansible", playbook="site.yml", type="deploy",
        build_template_id=build.id, allow_any_vars_in_task=True,
        inventory_id=factories.inventory(project).id,
        task_params={"allow_override_limit": True, "allow_debug": True},
    )  # fmt: skip
    made = factories.task(build, status="success", version="1")
    params = {
        "environment": '{"release": "1.2"}', "limit": "web1", "debug": True,
        "build_task_id": made.id,
    }  # fmt: skip
    schedule = factories.schedule(template, "Nightly", task_params=params)
    url, bob = f"/p/{project.id}/schedules/{schedule.id}/edit", browser("bob")
    sent = form_of(bob.get(url).text) | {"name": "Weekly"}
    assert bob.post(url, data=sent).status_code == 303
    db.session.expire_all()
    kept = db.session.get_one(Schedule, schedule.id)
    assert kept.name == "Weekly"
    assert json.loads(kept.task_params["environment"]) == {"release": "1.2"}
    assert kept.task_params["build_task_id"] == made.id
    assert (kept.task_params["limit"], kept.task_params["debug"]) == ("web1", True)


def form_of(page: str) -> dict[str, str]:
    """What a browser would send of a form in which nothing was touched."""
    form = page[page.index('id="schedule-form"') :]
    form = form[: form.index("</form>")]
    found: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        given = dict(re.findall(r'(\w[\w.-]*)="([^"]*)"', tag))
        is_box = given.get("type") in ("checkbox", "radio")
        if "name" in given and (not is_box or re.search(r"\schecked\b", tag)):
            found[given["name"]] = unescape(given.get("value", "on"))
    for name, text in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.S):
        found[name] = unescape(text)
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'<option value="([^"]*)"[^>]*\sselected', options)
        first = re.search(r'<option value="([^"]*)"', options)
        found[name] = unescape((chosen or first)[1])
    return found


def test_each_switch_of_a_template_is_on_its_form(browser: Browser, template: TaskTemplate) -> None:
    """One that is not would be off after the next change of something else."""
    page = browser("bob").get(f"/p/{template.project_id}/templates/{template.id}/edit").text
    switches = [name for name in LABELS if TaskTemplateIn.model_fields[name].annotation is bool]
    assert "allow_any_vars_in_task" in switches
    for name in set(switches) - {"autorun"}:
        assert f'name="{name}"' in page, name
