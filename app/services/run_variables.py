"""Where each variable of a run comes from: which of those that give it a value has won."""

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from app.executors.environment import as_text, from_settings
from app.executors.spec import RunSpec
from app.models import Task
from app.schemas import survey_kinds
from app.services import survey_answers, variables
from app.services.fingerprints import Fingerprints

LONGEST_SHOWN = 200  # characters of a value that is kept as it is
# What people call their secrets, and what secrets look like, wherever they were put.
_NAMES = re.compile(r"pass|pwd|secret|token|key|cred|auth|private|cert|salt|cookie|dsn", re.I)
_VALUES = re.compile(r"://[^/\s]*@|-----BEGIN|[A-Za-z0-9+/=_-]{24,}")

Entry = dict[str, Any]  # name, place, origin, from, hides, secret, hash, perhaps value


def may_be_secret(name: str, value: Any) -> bool:
    """Whether a value is better not kept: for its name, its looks, or since it is no short text."""
    if not isinstance(value, str | int | float | bool | None):
        return True
    if isinstance(value, float) and not math.isfinite(value):
        return True  # no JSON
    text = as_text(value)
    return bool(len(text) > LONGEST_SHOWN or _NAMES.search(name) or _VALUES.search(text))


def of_run(
    task: Task, spec: RunSpec, prints: Fingerprints, mask: Callable[[str], str]
) -> list[Entry]:
    """All variables that the run gets from people, by place and name.

    Of a secret, and of what may be one, there is a keyed hash only; `mask` changes a text that
    has a secret of the run in it.
    """
    origins = _Origins(task)
    places = (
        ("var", spec.extra_vars, spec.secret_vars),
        ("env", from_settings(spec.settings) | dict(spec.env), spec.secret_env),
    )
    found = []
    for place, plain, secret in places:
        for name in sorted({*plain, *secret}):
            is_secret = name in secret
            value = secret[name] if is_secret else plain[name]
            entry: Entry = {"name": name, "place": place, "secret": is_secret}
            entry |= origins.of(place, name, value, is_secret)
            entry["hash"] = prints.of(f"{place}:{name}", value)
            if not (is_secret or entry["origin"] == "server") and _is_plain(name, value, mask):
                entry["value"] = value
            found.append(entry)
    return found


def _is_plain(name: str, value: Any, mask: Callable[[str], str]) -> bool:
    return not may_be_secret(name, value) and mask(as_text(value)) == as_text(value)


class _Origins:
    """What the rows of a run say of its variables."""

    def __init__(self, task: Task) -> None:
        groups = variables.merge(task.groups)
        self._groups = {(one.kind, one.name): one for one in groups}
        self._questions = survey_answers.questions(task.template)
        self._typed: Mapping[str, Any] = json.loads(task.environment or "{}")
        self._by = "schedule" if task.schedule_id else "webhook" if task.integration_id else ""

    def of(self, place: str, name: str, value: Any, is_secret: bool) -> Entry:
        """Who gives the value that counts, and whose does not."""
        group = self._groups.get((place, name))
        if self._is_answered(place, name, is_secret, group):
            hides = [group.group.name, *(one.name for one in group.hides)] if group else []
            return self._answer(name, value) | ({"hides": hides} if hides else {})
        if group is None:
            return {"origin": "server"}
        hides = [one.name for one in group.hides]
        return {"origin": "group", "from": group.group.name} | ({"hides": hides} if hides else {})

    def _is_answered(
        self, place: str, name: str, is_secret: bool, group: variables.Variable | None
    ) -> bool:
        """Whether the run brings the value along. Which secrets were answered is kept nowhere:
        those that no group has, or that the template asks for."""
        question = self._questions.get(name, {})
        if (question.get("target") == "env") != (place == "env"):
            return False
        if not is_secret:
            return name in self._typed
        return question.get("type") == "secret" or group is None or group.secret is None

    def _answer(self, name: str, value: Any) -> Entry:
        asked = self._questions.get(name)
        if asked is None:
            return {"origin": "run"} | ({"from": self._by} if self._by else {})
        if _is_default(asked, value):
            return {"origin": "template"}
        return {"origin": "survey"} | ({"from": self._by} if self._by else {})


def _is_default(question: Mapping[str, Any], value: Any) -> bool:
    default = question.get("default_value")
    if survey_kinds.is_missing(default):
        return False
    try:
        typed = survey_kinds.of(question).typed(default)
    except ValueError:  # the template was changed meanwhile
        return False
    return bool(typed == value)
