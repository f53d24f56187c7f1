import threading

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.db import db, transaction
from app.errors import Busy, InUse, Invalid
from app.models import Project, Repository, Task
from app.schemas.task_templates import TaskTemplateIn
from app.services import task_templates
from tests import factories


@pytest.fixture
def repository(project: Project) -> Repository:
    return factories.repository(project)


def given(repository: Repository, **values: object) -> TaskTemplateIn:
    good = {"name": "T", "app": "bash", "playbook": "t.sh", "repository_id": repository.id}
    return TaskTemplateIn.model_validate(good | values)


@pytest.mark.parametrize("word", ["", "nosuch", "Bash"])
def test_an_unknown_app_is_refused_in_known_words(
    project: Project, repository: Repository, word: str
) -> None:
    with pytest.raises(Invalid) as refused:
        task_templates.create(project, given(repository, app=word), actor=None)
    assert str(refused.value) == f"Invalid app id: {word}"
    assert list(refused.value.fields) == ["app"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("repository_id", lambda other: other.repository_id),
        ("inventory_id", lambda other: other.inventory_id),
        ("environment_ids", lambda other: [other.environments[0].id]),
    ],
)
def test_every_reference_is_checked_through_the_project(
    project: Project, repository: Repository, field: str, value: object
) -> None:
    elsewhere = factories.project("Other")
    inventory = factories.inventory(elsewhere)
    other = factories.template(elsewhere, inventory_id=inventory.id)
    other.environments.append(factories.environment(elsewhere))
    db.session.commit()
    with pytest.raises(Invalid) as refused:
        task_templates.create(project, given(repository, **{field: value(other)}), actor=None)
    assert list(refused.value.fields) == [field]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("runner_tag", "eu"),
    ],
)
def test_what_no_run_honours_is_refused_by_name(
    project: Project, repository: Repository, field: str, value: object
) -> None:
    made = task_templates.create(project, given(repository), actor=None)
    for act in (
        lambda data: task_templates.create(project, data, actor=None),
        lambda data: task_templates.update(project, made.id, data, actor=None),
    ):
        with pytest.raises(Invalid) as refused:
            act(given(repository, **{field: value}))
        assert list(refused.value.fields) == [field]


def test_empty_values_of_what_no_run_honours_are_taken(
    project: Project, repository: Repository
) -> None:
    """As the clients of the original send them with every template."""
    empty = {
        "type": "", "start_version": "", "build_template_id": 0, "autorun": False,
        "working_directory": ".", "runner_tag": "",
        "task_params": {"message": "", "params": {"limit": [""], "tags": [], "debug": False}},
    }  # fmt: skip
    made = task_templates.create(project, given(repository, **empty), actor=None)
    assert (made.type, made.start_version, made.build_template_id) == ("", None, None)
    assert (made.autorun, made.working_directory, made.runner_tag) == (False, None, None)
    assert made.task_params == empty["task_params"]


def test_a_description_is_as_long_as_its_field_allows(
    project: Project, repository: Repository
) -> None:
    text = "\N{HIGH VOLTAGE SIGN}" * 1024 * 1024
    template = task_templates.create(project, given(repository, description=text), actor=None)
    db.session.commit()
    db.session.refresh(template)
    assert template.description == text


def test_groups_keep_their_order(project: Project, repository: Repository) -> None:
    first, second = (factories.environment(project, name) for name in ("one", "two"))
    made = task_templates.create(
        project, given(repository, environment_ids=[second.id, first.id, second.id]), actor=None
    )
    assert made.environment_ids == [second.id, first.id]
    task_templates.update(
        project, made.id, given(repository, environment_ids=[first.id, second.id]), actor=None
    )
    assert made.environment_ids == [first.id, second.id]
    task_templates.update(project, made.id, given(repository), actor=None)
    assert made.environment_ids == []


def test_a_change_replaces_all_but_what_clients_do_not_know(
    project: Project, repository: Repository
) -> None:
    made = task_templates.create(
        project,
        given(
            repository, description="says hello", survey_vars=[{"name": "who"}],
            task_params={"message": ""}, max_duration=60, rerun_if_lost=True,
        ),
        actor=None,
    )  # fmt: skip
    task_templates.update(project, made.id, given(repository), actor=None)
    assert (made.description, made.survey_vars, made.task_params) == (None, [], None)
    assert (made.max_duration, made.rerun_if_lost, made.lock_version) == (60, True, 1)


def test_a_template_that_others_deploy_is_not_deleted(
    project: Project, repository: Repository
) -> None:
    build = factories.template(project, type="build")
    factories.template(project, "Deploy", type="deploy", build_template_id=build.id)
    with pytest.raises(InUse, match="Template is in use by one or more templates") as refused:
        task_templates.delete(project, build.id, actor=None)
    assert [ref["name"] for ref in refused.value.refs["templates"]] == ["Deploy"]


def test_a_template_with_an_active_task_is_not_deleted(project: Project) -> None:
    template = factories.template(project)
    task = factories.task(template, status="running")
    with pytest.raises(Busy):
        task_templates.delete(project, template.id, actor=None)
    task.status = "stopped"
    task_templates.delete(project, template.id, actor=None)
    assert db.session.scalar(select(Task.id).filter_by(template_id=template.id)) is None


def test_a_run_that_starts_meanwhile_is_not_deleted_with_the_template(
    app: Flask, project: Project
) -> None:
    template = factories.template(project)
    project_id, template_id = project.id, template.id
    refused: list[Exception] = []

    def delete() -> None:
        with app.app_context(), pytest.raises(Busy) as error, transaction():
            mine = db.session.get_one(Project, project_id)
            task_templates.delete(mine, template_id, actor=None)
        refused.append(error.value)

    deleting = threading.Thread(target=delete)
    with transaction():
        db.session.add(Task(project_id=project_id, template_id=template_id))
        db.session.flush()
        deleting.start()
        deleting.join(1)  # it waits for us by then
    deleting.join()
    assert len(refused) == 1
    assert db.session.scalar(select(func.count(Task.id))) == 1


def test_two_who_change_a_template_at_once_are_two_versions(
    app: Flask, project: Project, repository: Repository
) -> None:
    template = task_templates.create(project, given(repository), actor=None)
    db.session.commit()
    project_id, template_id, data = project.id, template.id, given(repository)

    def change() -> None:
        with app.app_context(), transaction():
            mine = db.session.get_one(Project, project_id)
            task_templates.update(mine, template_id, data, actor=None)

    other = threading.Thread(target=change)
    with transaction():
        task_templates.update(project, template_id, data, actor=None)
        db.session.flush()
        other.start()
        other.join(1)  # it waits for us by then
    other.join()
    db.session.refresh(template)
    assert template.lock_version == 2


def test_a_workspace_outlives_the_template_that_holds_it(project: Project) -> None:
    template = factories.template(project)
    held = factories.inventory(project, type="tofu-workspace", template_id=template.id)
    task_templates.delete(project, template.id, actor=None)
    db.session.expire(held)
    assert held.template_id is None
