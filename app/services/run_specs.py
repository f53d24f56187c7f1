"""From a claimed row to a RunSpec: everything resolved, secrets decrypted only here."""

import json
from pathlib import Path
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import joinedload

from app.db import db
from app.executors.spec import EngineSettings, RepositorySpec, RunSpec, as_text
from app.extensions import settings
from app.models import Environment, Project, Task, TaskTemplate
from app.services import secrets


def _loading() -> Select[Any]:
    """The task :id with all that `build` reads, in one query: a run begins with it."""
    template = joinedload(Task.template)
    query = select(Task).options(
        joinedload(Task.user),
        joinedload(Task.project),
        template.joinedload(TaskTemplate.repository),
        template.joinedload(TaskTemplate.inventory),
        template.joinedload(TaskTemplate.environments).joinedload(Environment.secrets),
    )
    return query.where(Task.id == bindparam("id"))


LOADING = _loading()


def load(task_id: int) -> Task | None:
    """The task with all that `build` reads; none if it is gone."""
    return db.session.scalars(LOADING, {"id": task_id}).unique().one_or_none()


def build(task: Task) -> RunSpec:
    """Everything the executor needs, in plain values. Raises KeyringError for a lost key."""
    template = task.template
    variables, env, secret_vars, secret_env = _variables(template.environments)
    variables |= json.loads(task.environment or "{}")
    answers = _secret_answers(task)
    hidden = [*secret_vars.values(), *secret_env.values(), *answers.values()]
    return RunSpec(
        task_id=task.id,
        project_id=task.project_id,
        app=template.app,
        playbook=template.playbook,
        repository=_repository(template),
        settings=engine_settings(),
        mark=task.claim or "",
        arguments=_texts(template.arguments),
        task_arguments=_task_arguments(task),
        git_branch=task.git_branch or template.git_branch or "",
        env=env,
        secret_env=secret_env,
        extra_vars=variables,
        secret_vars=secret_vars | answers,
        secrets=tuple(value for value in hidden if value),
        details=_details(task, template),
        max_duration=_limit(template, task.project),
    )


def engine_settings() -> EngineSettings:
    """What this server decides for every run."""
    config = settings()
    return EngineSettings(
        data_dir=config.DATA_DIR.resolve(),
        forwarded_env_vars=tuple(config.FORWARDED_ENV_VARS),
        env_vars=config.ENV_VARS,
        git_attempts=config.GIT_ATTEMPTS,
        local_repositories=tuple(Path(path) for path in config.LOCAL_REPOSITORIES),
        stop_grace=config.STOP_GRACE,
    )


def _repository(template: TaskTemplate) -> RepositorySpec:
    found = template.repository
    return RepositorySpec(
        id=found.id,
        url=found.git_url,
        branch=found.git_branch,
        name=found.name,
        key=str(found.ssh_key_id),
    )


def _variables(
    groups: list[Environment],
) -> tuple[dict[str, Any], dict[str, str], dict[str, str], dict[str, str]]:
    """Extra variables, process environment, and the secrets of both; a later group wins."""
    variables: dict[str, Any] = {}
    env: dict[str, str] = {}
    hidden: dict[str, dict[str, str]] = {"variable": {}, "environment": {}}
    for group in groups:
        variables |= json.loads(group.json or "{}")
        env |= {name: as_text(value) for name, value in json.loads(group.env or "{}").items()}
        for key in group.secrets:
            hidden[key.owner][key.name] = secrets.open(key)
    return variables, env, hidden["variable"], hidden["environment"]


def _secret_answers(task: Task) -> dict[str, str]:
    if not task.secret:
        return {}
    answers = json.loads(secrets.decrypt(task.secret, f"task:{task.id}"))
    return {name: as_text(value) for name, value in answers.items()}


def _task_arguments(task: Task) -> tuple[str, ...]:
    """A run's own arguments come after the template's; the same ones are not given twice."""
    if not task.arguments or task.arguments == task.template.arguments:
        return ()
    return _texts(task.arguments)


def _texts(value: str | None) -> tuple[str, ...]:
    return tuple(str(item) for item in json.loads(value or "[]") or [])


def _details(task: Task, template: TaskTemplate) -> dict[str, Any]:
    inventory = template.inventory
    return {
        "message": task.message or None,
        "username": task.user.username if task.user else "",
        "url": _url(task),
        "inventory_id": inventory.id if inventory else None,
        "inventory_name": inventory.name if inventory else None,
    }


def _url(task: Task) -> str | None:
    host = settings().WEB_HOST.rstrip("/")
    return f"{host}/p/{task.project_id}/runs/{task.id}" if host else None


def _limit(template: TaskTemplate, project: Project) -> int:
    """The tightest of the limits of server, project and template; 0: none."""
    limits = (settings().MAX_TASK_DURATION_SEC, project.max_duration, template.max_duration)
    return min((limit for limit in limits if limit), default=0)
