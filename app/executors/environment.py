"""The environment of a task. It starts empty: nothing of the server's own reaches a child."""

import json
import os
import pwd
from collections.abc import Mapping
from typing import Any

from app.executors import artifacts, lengths
from app.executors.machine import EngineSettings
from app.executors.spec import Place, PreparationFailed, RunSpec
from app.lib.git import SYSTEM_PATH

DETAIL = "SEMAPHORE_TASK_DETAILS_"


def environment(
    spec: RunSpec, place: Place, more: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Everything the command sees; of two with the same name the later one wins.

    `more` is what an executor adds to the variables of the run. Values are handed over as they
    are, never quoted for a shell: they are data. Raises PreparationFailed for a name or value
    that no environment can hold.
    """
    variables = {
        "PATH": SYSTEM_PATH,
        "LANG": "C.UTF-8",
        **_user(),
        **from_settings(spec.settings),
        "HOME": str(place.home),
        "TMPDIR": str(place.tmp),
        "PWD": str(place.directory),
        **spec.env,
        **spec.secret_env,
        **(more or {}),
        **details(spec, place),
        **build_and_deploy(spec),
        **artifacts.environment(spec, place),
    }
    for name, value in variables.items():
        _check(name, value)
    return variables


def from_settings(settings: EngineSettings) -> dict[str, str]:
    """What the administrator lets through to git and to every task: proxies, a private CA …"""
    forwarded = {name: os.environ.get(name, "") for name in settings.forwarded_env_vars}
    return {name: value for name, value in forwarded.items() if value} | dict(settings.env_vars)


def details(spec: RunSpec, place: Place) -> dict[str, str]:
    """The run as the script may want to know it, under the original's names."""
    known: dict[str, Any] = {
        "ID": spec.task_id,
        "TYPE": spec.task_type or None,
        "REPOSITORY_ID": spec.repository.id,
        "REPOSITORY_NAME": spec.repository.name or None,
        "COMMIT_HASH": place.commit and place.commit.hash,
        "COMMIT_MESSAGE": place.commit and place.commit.message,
        "INCOMING_VERSION": spec.incoming_version,
        "TARGET_VERSION": spec.target_version,
    }
    known |= {name.upper(): value for name, value in spec.details.items()}
    return {DETAIL + name: str(value) for name, value in known.items() if value is not None}


def build_and_deploy(spec: RunSpec) -> dict[str, str]:
    """The versions that templates of type build and deploy work with."""
    if not spec.task_type:
        return {}
    made = {
        "SEMAPHORE_TASK_TYPE": spec.task_type,
        "SEMAPHORE_TASK_INCOMING_VERSION": spec.incoming_version,
        "SEMAPHORE_TASK_TARGET_VERSION": spec.target_version if spec.task_type == "build" else None,
    }
    return {name: value for name, value in made.items() if value}


def _user() -> Mapping[str, str]:
    try:
        name = pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:  # Containers often run under a number that has no name.
        return {}
    return {"USER": name, "LOGNAME": name}


def _check(name: str, value: object) -> None:
    if not name or "=" in name or "\0" in name:
        raise PreparationFailed(f"{name!r} cannot be the name of a variable: rename it")
    if not isinstance(value, str):
        raise PreparationFailed(f"The value of variable {name} is not a text: quote it")
    if "\0" in value:
        raise PreparationFailed(f"The value of variable {name} holds a zero byte: remove it")
    check_length(name, value)


def check_length(name: str, value: str) -> None:
    """Raise PreparationFailed for a variable that no process can be given."""
    if lengths.is_too_long(name, value):
        raise PreparationFailed(
            f"Variable {name} is longer than {lengths.SHOWN}, the most that Linux hands to a"
            " program: put it into a file of the repository"
        )


def as_text(value: Any) -> str:
    """A variable's value as a script gets it: a text as it is, everything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
