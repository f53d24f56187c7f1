"""The file config.json of the original, and secrets in files of their own."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from app.lib.settings import SettingError


def find(env: Mapping[str, str], paths: Sequence[str]) -> tuple[dict[str, Any], str]:
    """The first configuration file that exists, and its path; else nothing and "".

    SEMAPHORE_CONFIG_PATH names the only one that counts, which must exist.
    """
    named = env.get("SEMAPHORE_CONFIG_PATH")
    for path in [named] if named else paths:
        if Path(path).is_file():
            try:
                return dict(json.loads(Path(path).read_text())), path
            except (ValueError, TypeError) as error:
                raise SettingError(f"{path} is not a JSON object: {error}") from error
            except OSError as error:
                raise SettingError(f"{path} cannot be read: {error.strerror}") from error
    if named:
        raise SettingError(f"SEMAPHORE_CONFIG_PATH: {named} does not exist")
    return {}, ""


def with_database(file: Mapping[str, Any], path: str, dialect: str) -> dict[str, Any]:
    """The file with the entries of its object for the database that is used, as `%.host`, ….

    The original keeps one object for each kind: {"dialect": "mysql", "mysql": {"host": …}}. A
    `dialect` that is not "" counts instead of the file's.
    """
    kind = dialect or file.get("dialect", "")
    found = file.get(str(kind), {})
    if not isinstance(found, dict):
        raise SettingError(f"{path}: {kind} is not an object")
    return dict(file) | {f"%.{name}": value for name, value in found.items()}


def lookup(file: Mapping[str, Any], key: str) -> Any:
    """An entry; `schedule.timezone` is one of an object in the file. None: it is not there."""
    if key in file:
        return file[key]
    outer, _, inner = key.partition(".")
    found = file.get(outer)
    return found.get(inner) if isinstance(found, dict) and inner else None


def read_secret(path: str, variable: str) -> str:
    """The contents of the file that `variable`_FILE names, without white space around them."""
    try:
        return Path(path).read_text().strip()
    except OSError as error:
        raise SettingError(f"{variable}_FILE: {path} cannot be read: {error.strerror}") from error
