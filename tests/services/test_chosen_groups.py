"""A variable group that is chosen for a run, in the place of its template's."""

import json
from typing import Any

import pytest
from pydantic_core import to_json

from app.db import db
from app.errors import Busy, Invalid
from app.models import Environment, Project, Schedule, Task, TaskStatus, TaskTemplate
from app.schemas.integrations import IntegrationIn
from app.schemas.schedules import ScheduleIn
from app.schemas.tasks import TaskIn
from app.services import (
    backup_files,
    effective_command,
    environments,
    integrations,
    project_backups,
    project_restores,
    retries,
    run_specs,
    schedules,
    task_params,
    task_states,
    tasks,
)
from tests import factories


@pytest.fixture
def staging(project: Project) -> Environment:
    return factories.environment(project, "Staging", json='{"host": "staging"}', env='{"A": "1"}')


@pytest.fixture
def production(project: Project) -> Environment:
    return factories.environment(project, "Production", json='{"host": "prod"}', env='{"B": "2"}')


@pytest.fixture
def template(project: Project, staging: Environment) -> TaskTemplate:
    """One of staging whose runs may choose."""
    made = factories.template(project, task_params={"allow_override_environment": True})
    made.environments = [staging]
    db.session.commit()
    return made


def start(template: TaskTemplate, **given: Any) -> Task:
    project = db.session.get_one(Project, template.project_id)
    return tasks.start(project, TaskIn(template_id=template.id, **given), actor=None)


def test_its_variables_count_and_no_others(template, production) -> None:
    spec = run_specs.build(start(template, environment_id=production.id))
    assert (spec.extra_vars, spec.env) == ({"host": "prod"}, {"B": "2"})
    spec = run_specs.build(start(template))
    assert (spec.extra_vars, spec.env) == ({"host": "staging"}, {"A": "1"})


def test_where_the_template_does_not_let_it_the_field_is_named(template, production) -> None:
    template.task_params = None
    with pytest.raises(Invalid) as refused:
        start(template, environment_id=production.id)
    assert refused.value.fields == {"environment_id": task_params.NOT_OPEN}


def test_the_templates_own_group_asks_for_nothing(template, staging) -> None:
    template.task_params = None
    assert run_specs.build(start(template, environment_id=staging.id)).extra_vars["host"]


def test_one_of_another_project_is_unknown(template) -> None:
    other = factories.environment(factories.project("Other"))
    with pytest.raises(Invalid) as refused:
        start(template, environment_id=other.id)
    assert "no variable group" in refused.value.fields["environment_id"]


def test_a_group_that_a_run_waits_for_cannot_go(project, template, production) -> None:
    task = start(template, environment_id=production.id)
    with pytest.raises(Busy, match="Production has 1 run that have not finished"):
        environments.delete(project, production.id, actor=None)
    tasks.stop(project, task.id, actor=None)
    environments.delete(project, production.id, actor=None)
    db.session.commit()
    db.session.refresh(task)
    assert task.environment_id is None


def test_the_next_try_of_a_run_has_it_too(template, production) -> None:
    template.retries = 1
    task = start(template, environment_id=production.id)
    task_states.move(task, TaskStatus.STARTING, claim="c")
    task_states.move(task, TaskStatus.RUNNING, held_by="c")
    following = retries.of(task)
    task_states.move(task, TaskStatus.ERROR, held_by="c", reason="It failed")
    retries.queue(following)
    again = retries.after(task)
    assert again and run_specs.build(again).extra_vars == {"host": "prod"}


def test_the_effective_command_shows_it(template, production) -> None:
    task = start(template, environment_id=production.id)
    assert effective_command.of_task(task) == "bash hello.sh host=prod"
    assert effective_command.of_template(template) == "bash hello.sh host=staging"
    shown = effective_command.of_template(template, group=production)
    assert shown == "bash hello.sh host=prod"


def test_schedules_and_integrations_choose_it_and_come_back_with_a_backup(
    project, template, production, cast
) -> None:
    chosen = {"environment_id": production.id}
    data = ScheduleIn(template_id=template.id, cron_format="@daily", task_params=chosen)
    made = schedules.create(project, data, actor=None)
    assert schedules.parameters(made).environment_id == production.id
    hook = IntegrationIn(name="Hook", template_id=template.id, task_params=chosen)
    integrations.create(project, hook, actor=None)
    factories.save()
    backup = project_backups.make(project)
    assert {entry["environment"] for kind in ("schedules", "integrations")
            for entry in backup[kind]} == {"Production"}  # fmt: skip
    assert "environment_id" not in json.dumps(backup)
    restored = project_restores.restore(backup_files.read(to_json(backup)), actor=cast["root"])
    factories.save()
    [schedule] = db.session.query(Schedule).filter_by(project_id=restored.id)
    group = db.session.get_one(Environment, schedule.task_params["environment_id"])
    assert (group.name, group.project_id) == ("Production", restored.id)
    [again] = integrations.list_for(restored)
    assert again.task_params == {"environment_id": group.id}


def test_a_schedule_may_not_where_the_template_does_not_let_it(
    project, template, production
) -> None:
    template.task_params = None
    chosen = {"environment_id": production.id}
    data = ScheduleIn(template_id=template.id, cron_format="@daily", task_params=chosen)
    with pytest.raises(Invalid) as refused:
        schedules.create(project, data, actor=None)
    assert list(refused.value.fields) == ["task_params.environment_id"]
