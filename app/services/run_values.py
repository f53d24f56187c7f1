"""The values that a run gets: variables of its groups, typed at its start, the secrets of both."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.executors.environment import as_text
from app.lib.keyring import KeyringError
from app.models import AccessKey, Environment, Task
from app.services import secrets, survey_answers, variables


@dataclass(repr=False)  # it holds secrets
class Values:
    """Extra variables and process environment, apart from those of them that are secret."""

    variables: dict[str, Any]
    env: dict[str, str]
    secrets: dict[str, str]
    secret_env: dict[str, str]
    hidden: tuple[str, ...] = ()  # what logs must not show
    untrusted: frozenset[str] = frozenset()  # the names that whoever has started it gave values


def of(task: Task) -> Values:
    """Those of the groups, under those that were typed. Raises KeyringError for a lost key."""
    found = _of_groups(task.groups)
    typed = json.loads(task.environment or "{}")
    answers = _secret_answers(task)
    in_env = survey_answers.to_environment(task.template, (*typed, *answers))
    hidden = (*found.secrets.values(), *found.secret_env.values(), *answers.values())
    return Values(
        variables=found.variables | _but(typed, in_env),
        env=found.env | _as_env(typed, in_env),
        secrets=found.secrets | _but(answers, in_env),
        secret_env=found.secret_env | _as_env(answers, in_env),
        hidden=tuple(filter(None, hidden)),
        untrusted=frozenset((*typed, *answers)),
    )


def _of_groups(groups: list[Environment]) -> Values:
    found = Values({}, {}, {}, {})
    for one in variables.merge(groups):
        if one.secret:
            place = found.secrets if one.kind == "var" else found.secret_env
            place[one.name] = _opened(one, one.secret)
        elif one.kind == "var":
            found.variables[one.name] = one.value
        else:
            found.env[one.name] = as_text(one.value)
    return found


def _opened(variable: variables.Variable, secret: AccessKey) -> str:
    where = f"variable {variable.name} of “{variable.group.name}”"
    if not secret.secret:
        raise KeyringError(f"{where} has no value since it was restored; set it again")
    try:
        return secrets.open(secret)
    except KeyringError as error:
        raise KeyringError(f"{where}: {error}") from error


def _secret_answers(task: Task) -> dict[str, str]:
    if not task.secret:
        return {}
    answers = json.loads(secrets.decrypt(task.secret, task.sealed_as))
    return {name: as_text(value) for name, value in answers.items()}


def _as_env(answers: Mapping[str, Any], in_env: set[str]) -> dict[str, str]:
    return {name: as_text(value) for name, value in answers.items() if name in in_env}


def _but(answers: Mapping[str, Any], in_env: set[str]) -> dict[str, Any]:
    return {name: value for name, value in answers.items() if name not in in_env}
