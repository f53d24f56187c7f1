"""Pages of what builds and what deploys."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.db import db
from app.models import Project, Task, TaskTemplate
from app.services import task_templates
from tests import factories

Browser = Callable[[str], FlaskClient]


@pytest.fixture
def build(project: Project) -> TaskTemplate:
    return factories.template(project, "Build", type="build", start_version="1.0.0")


@pytest.fixture
def deploy(project: Project, build: TaskTemplate) -> TaskTemplate:
    return factories.template(project, "Deploy", type="deploy", build_template_id=build.id)


def form_of(template: TaskTemplate, **more: object) -> dict[str, object]:
    same = {name: getattr(template, name) for name in ("name", "playbook", "repository_id")}
    return same | {"version": template.lock_version} | more


def test_the_form_sets_what_is_built_and_deployed(
    browser: Browser, project: Project, build: TaskTemplate
) -> None:
    template = factories.template(project, "New")
    url = f"/p/{project.id}/templates/{template.id}/edit"
    page = browser("bob").get(url).text
    assert f'<option value="{build.id}">Build</option>' in page
    sent = form_of(template, type="deploy", build_template_id=build.id, autorun="1")
    assert browser("bob").post(url, data=sent).status_code == 303
    db.session.expire_all()
    kept = task_templates.get(project, template.id)
    assert (kept.type, kept.build_template_id, kept.autorun) == ("deploy", build.id, True)


def test_a_refused_build_is_told_at_its_field(
    browser: Browser, project: Project, build: TaskTemplate
) -> None:
    url = f"/p/{project.id}/templates/{build.id}/edit"
    sent = form_of(build, type="build", start_version="beta")
    answer = browser("bob").post(url, data=sent)
    assert answer.status_code == 422 and "Needs a number that can be counted on" in answer.text


def test_a_build_is_chosen_on_the_run_sheet(
    browser: Browser, project: Project, build: TaskTemplate, deploy: TaskTemplate
) -> None:
    url = f"/p/{project.id}/templates/{deploy.id}/run"
    assert "There is none yet" in browser("carol").get(url).text
    refused = browser("carol").post(url, data={"build_task_id": ""})
    assert refused.status_code == 422 and "no successful build yet" in refused.text
    runs = [
        factories.task(build, status="success", version=version, message="hot fix")
        for version in ("1.0.0", "1.0.1")
    ]
    page = browser("carol").get(url).text
    newest, oldest = (page.index(f">1.0.{number} #") for number in (1, 0))
    assert newest < oldest and f"1.0.1 #{runs[1].id} hot fix" in page
    done = browser("carol").post(url, data={"build_task_id": runs[0].id})
    assert done.status_code == 303
    task = db.session.scalars(select(Task).order_by(Task.id.desc())).first()
    assert task and task.build_task_id == runs[0].id


def test_runs_show_their_versions_and_each_other(
    browser: Browser, project: Project, build: TaskTemplate, deploy: TaskTemplate
) -> None:
    built = factories.task(build, status="success", version="1.0.7")
    deployed = factories.task(deploy, status="success", build_task_id=built.id)
    runs = f"/p/{project.id}/runs"
    assert browser("dave").get(runs).text.count("<code>1.0.7</code>") == 2
    page = browser("dave").get(f"{runs}/{deployed.id}/details").text
    assert f'href="{runs}/{built.id}"' in page and "of Build" in page
    assert f"#{deployed.id} Deploy</a>" in browser("dave").get(f"{runs}/{built.id}/details").text


def test_buttons_say_what_they_do(
    browser: Browser, project: Project, build: TaskTemplate, deploy: TaskTemplate
) -> None:
    page = browser("carol").get(f"/p/{project.id}/templates").text
    assert 'aria-label="Build Build"' in page and 'aria-label="Deploy Deploy"' in page
