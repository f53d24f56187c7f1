"""Versions of builds, the choice of what is deployed, and deploys that start by themselves."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.db import db, transaction
from app.errors import Invalid
from app.models import Event, Project, Task, TaskStatus, TaskTemplate
from app.schemas.task_templates import TaskTemplateIn
from app.schemas.tasks import TaskIn
from app.services import autoruns, builds, run_specs, task_templates, tasks
from tests import factories
from tests.services.meanwhile import meanwhile

S = TaskStatus


@pytest.fixture
def build(project: Project) -> TaskTemplate:
    return factories.template(project, "Build", type="build", start_version="1.0.0")


@pytest.fixture
def deploy(build: TaskTemplate) -> TaskTemplate:
    return deploy_of(build)


def home(template: TaskTemplate) -> Project:
    return db.session.get_one(Project, template.project_id)


def deploy_of(source: TaskTemplate, name: str = "Deploy", **values: Any) -> TaskTemplate:
    given = {"type": "deploy", "build_template_id": source.id} | values
    given.setdefault("repository_id", source.repository_id)
    return factories.template(home(source), name, **given)


def start(template: TaskTemplate, **given: Any) -> Task:
    data = TaskIn.model_validate({"template_id": template.id} | given)
    return tasks.start(home(template), data, actor=None)


def ended(template: TaskTemplate, status: TaskStatus = S.SUCCESS, **values: Any) -> Task:
    task = start(template)
    task.status, task.commit_hash = status, values.get("commit_hash")
    db.session.flush()
    return task


def test_each_build_gets_the_next_version_whatever_becomes_of_it(build: TaskTemplate) -> None:
    made = [ended(build, status) for status in (S.SUCCESS, S.ERROR, S.STOPPED)]
    assert [task.version for task in made] == ["1.0.0", "1.0.1", "1.0.2"]
    build.start_version = "2.0.0"
    assert start(build).version == "2.0.0"


def test_a_build_without_a_first_version_counts_from_zero(build: TaskTemplate) -> None:
    build.start_version = None
    assert [start(build).version, start(build).version] == ["0.0.0", "0.0.1"]


def test_two_builds_that_start_at_once_get_two_versions(app: Flask, build: TaskTemplate) -> None:
    with transaction():
        template_id = build.id
    second, versions = meanwhile(
        app, lambda: start(db.session.get_one(TaskTemplate, template_id)).version
    )
    with transaction():
        first = start(db.session.get_one(TaskTemplate, template_id)).version
        second.start()
        second.join(1)  # it waits for us by then
    second.join()
    assert [first, *versions] == ["1.0.0", "1.0.1"]


def test_a_deploy_takes_the_latest_success_or_what_was_chosen(deploy, build) -> None:
    first, second, _ = ended(build), ended(build), ended(build, S.ERROR)
    assert start(deploy).build_task_id == second.id
    assert start(deploy, build_task_id=first.id).build_task_id == first.id


def test_what_cannot_be_deployed_is_refused(project: Project, deploy, build) -> None:
    with pytest.raises(Invalid, match="no successful build yet"):
        start(deploy)
    failed, other = ended(build, S.ERROR), ended(factories.template(project, "Other"))
    for task_id in (failed.id, other.id, 9999):
        with pytest.raises(Invalid) as refused:
            start(deploy, build_task_id=task_id)
        assert list(refused.value.fields) == ["build_task_id"]
    with pytest.raises(Invalid, match="does not allow"):
        start(build, build_task_id=failed.id)


def test_the_run_knows_its_versions_and_its_commit(deploy, build) -> None:
    commit = "a" * 40
    built = ended(build, commit_hash=commit)
    spec = run_specs.build(built)
    assert (spec.task_type, spec.target_version, spec.incoming_version) == ("build", "1.0.0", None)
    spec = run_specs.build(start(deploy))
    assert (spec.task_type, spec.target_version, spec.incoming_version) == ("deploy", None, "1.0.0")
    assert spec.commit == commit


def test_another_repository_or_a_branch_is_not_pinned(project: Project, deploy, build) -> None:
    ended(build, commit_hash="a" * 40)
    deploy.allow_override_branch_in_task = True
    assert start(deploy, git_branch="hotfix").wanted_commit is None
    elsewhere = deploy_of(build, "Elsewhere", repository_id=factories.repository(project).id)
    assert start(elsewhere).wanted_commit is None


def test_a_chain_brings_the_version_of_its_build(deploy, build) -> None:
    production = deploy_of(deploy, "Production")
    ended(build)
    staged = ended(deploy)
    ended(build)
    task = start(production)
    assert task.build_task_id == staged.id
    assert builds.incoming(task) == "1.0.0"


def test_versions_of_many_cost_a_query_for_each_step(deploy, build, count_queries) -> None:
    production = deploy_of(deploy, "Production")
    for _ in range(4):
        ended(build)
        ended(deploy)
    found = builds.offered(production)
    with count_queries() as sent:
        versions = builds.versions(found)
    assert [versions[task.id] for task in found] == ["1.0.3", "1.0.2", "1.0.1", "1.0.0"]
    assert len(sent) == 1


@pytest.mark.parametrize("look", ["drift_check", "plan"])
def test_what_is_only_to_look_uses_up_no_version(build, look) -> None:
    build.app, build.playbook = "terraform", ""
    factories.save()
    params = {look: True}
    data = TaskIn.model_validate({"template_id": build.id, "params": params})
    found = [tasks.start(home(build), one, actor=None).version for one in (data, usual(build))]
    assert found == [None, "1.0.0"]
    build.task_params = params
    assert tasks.start(home(build), usual(build), actor=None).version is None
    build.task_params = None
    assert tasks.start(home(build), usual(build), actor=None).version == "1.0.1"


def usual(template: TaskTemplate) -> TaskIn:
    return TaskIn.model_validate({"template_id": template.id})


def test_what_was_only_to_look_is_no_build(deploy, build) -> None:
    built, looked = ended(build), ended(build)
    looked.result = "No drift"
    factories.save()
    assert builds.latest(deploy).id == built.id
    assert [one.id for one in builds.offered(deploy)] == [built.id]


def test_deploys_start_by_themselves_once(build) -> None:
    automatic = deploy_of(build, "Automatic", autorun=True)
    deploy_of(build, "By hand")
    built = ended(build)
    autoruns.start_after(built)
    autoruns.start_after(built)
    (started,) = db.session.scalars(select(Task).filter_by(build_task_id=built.id))
    assert (started.template_id, started.user_id) == (automatic.id, None)


def test_a_deploy_that_cannot_start_is_told_and_the_others_start(build) -> None:
    question = {"name": "why", "title": "Why", "type": "", "required": True}
    deploy_of(build, "Asks", autorun=True, survey_vars=[question])
    other = deploy_of(build, "Other", autorun=True)
    built = ended(build)
    autoruns.start_after(built)
    (started,) = db.session.scalars(select(Task).filter_by(build_task_id=built.id))
    assert started.template_id == other.id
    told = db.session.scalars(select(Event.description)).all()
    assert any("Asks could not start by itself: environment.why" in text for text in told)


def change(template: TaskTemplate, **given: Any) -> TaskTemplate:
    values = {"name": template.name, "app": "bash", "playbook": "x.sh"} | given
    values["repository_id"] = template.repository_id
    data = TaskTemplateIn(**values)
    return task_templates.update(home(template), template.id, data, actor=None)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"type": "build", "start_version": "beta"}, "start_version"),
        ({"type": "deploy"}, "build_template_id"),
        ({"type": "deploy", "build_template_id": 9999}, "build_template_id"),
    ],
)
def test_a_type_that_cannot_work_is_refused(build, given: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        change(build, **given)
    assert list(refused.value.fields) == [field]


def test_nothing_deploys_itself_or_what_builds_nothing(project: Project, deploy, build) -> None:
    for template, source in ((build, build), (build, deploy), (deploy, deploy)):
        with pytest.raises(Invalid, match="round a circle"):
            change(template, type="deploy", build_template_id=source.id)
    plain = factories.template(project, "Plain")
    with pytest.raises(Invalid, match="Plain builds nothing"):
        change(deploy, type="deploy", build_template_id=plain.id)


def test_what_others_deploy_goes_on_being_made(project: Project, deploy, build) -> None:
    """Else those could not be saved any more, nor the project restored."""
    middle = factories.template(project, "Middle", type="deploy", build_template_id=build.id)
    last = factories.template(project, "Last", type="deploy", build_template_id=middle.id)
    for template, named in ((build, deploy), (middle, last)):
        with pytest.raises(Invalid, match=f"deployed by {named.name}") as refused:
            change(template, type="")
        assert list(refused.value.fields) == ["type"]
    first = factories.template(project, "First", type="build")
    assert change(build, type="deploy", build_template_id=first.id).type == "deploy"


def test_what_a_type_does_not_use_is_emptied(deploy, build) -> None:
    given = {"start_version": "1", "build_template_id": build.id, "autorun": True}
    changed = change(deploy, type="build", **given)
    assert (changed.start_version, changed.build_template_id) == ("1", None)
    assert not changed.autorun
    changed = change(deploy, type="deploy", **given)
    assert changed.start_version is None and changed.build_template_id == build.id
    assert changed.autorun
    changed = change(deploy, **given)
    assert (changed.start_version, changed.build_template_id, changed.autorun) == (
        None,
        None,
        False,
    )
