"""Requests from outside: who is asked, what is found in them, and the run they start."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from sqlalchemy import bindparam, select
from sqlalchemy.orm import joinedload

from app.db import db
from app.errors import DomainError, Invalid
from app.extensions import settings
from app.lib.keyring import KeyringError
from app.models import (
    AccessKey,
    Integration,
    IntegrationAlias,
    IntegrationDelivery,
    Project,
    Task,
    TaskStatus,
    User,
    Verdict,
)
from app.schemas.tasks import TaskIn
from app.services import (
    integration_deliveries,
    integration_limits,
    secrets,
    survey_answers,
    tasks,
    webhook_values,
)
from app.services.integration_auth import METHODS, Credential
from app.services.integration_deliveries import Outcome
from app.services.references import hold
from app.services.webhook_values import Received

TO_TASK = "task"  # an extracted value that is a parameter of the run, not one of its variables
NO_PROOF = "Its key is gone, cannot be read or has no password"
REPLACED = "A newer request replaced it while it waited"
OBJECTS = ("environment", "secret")  # parameters that are JSON objects as texts


# Made once: to make a statement costs as much as to run it.
OWNER = select(IntegrationAlias.integration_id, IntegrationAlias.project_id).where(
    IntegrationAlias.alias == bindparam("alias")
)
WHOLE = (
    select(Integration)
    .where(Integration.id == bindparam("id"))
    .options(joinedload(Integration.auth_secret), joinedload(Integration.matchers))
)
HELD = select(Integration.id).where(Integration.id == bindparam("id")).with_for_update()
FIRST = select(IntegrationDelivery.id, IntegrationDelivery.task_id).where(
    IntegrationDelivery.integration_id == bindparam("integration"),
    IntegrationDelivery.sent_id == bindparam("sent"),
)
WAITING = (
    select(Task.id)
    .where(Task.integration_id == bindparam("integration"), Task.status == TaskStatus.WAITING)
    .order_by(Task.id)
)


class _Stop(Exception):
    """What ends the way of a request before it starts a run."""

    def __init__(self, verdict: Verdict, reason: str) -> None:
        self.verdict, self.reason = verdict, reason


@dataclass(frozen=True)
class Asked:
    """The integrations that an address is offered to, by id; none if nobody knows it."""

    ids: list[int]
    is_shared: bool = False  # the address is not one integration's own


def asked(alias: str) -> Asked:
    """Whom a request to an address is for."""
    searchable = select(Integration.id).where(Integration.searchable).order_by(Integration.id)
    if alias and alias == settings().INTEGRATION_ALIAS:
        return Asked(list(db.session.scalars(searchable)), is_shared=True)
    if "\0" in alias:  # no address has one, and PostgreSQL would refuse the question
        return Asked([])
    row = db.session.execute(OWNER, {"alias": alias}).one_or_none()
    if row is None:
        return Asked([])
    if row.integration_id is not None:
        return Asked([row.integration_id])
    mine = searchable.where(Integration.project_id == row.project_id)
    return Asked(list(db.session.scalars(mine)), is_shared=True)


def receive(integration_id: int, request: Received, *, is_shared: bool) -> None:
    """Let an integration act on a request and log what came of it.

    `is_shared`: it came to an address of several integrations, where one without matchers never
    runs. What it may start is decided for one request after the other, so that limits and
    repetitions are seen; what it says is looked at before, so that none waits longer than it must.
    """
    row = db.session.scalars(WHOLE, {"id": integration_id}).unique().one_or_none()
    if row is None:  # deleted since it was asked for
        return
    credential = _credential(row)
    outcome = _judged(row, request, credential, is_shared)
    if db.session.scalar(HELD, {"id": row.id}) is None:  # deleted meanwhile
        return
    if outcome.verdict == Verdict.STARTED:
        _act(row, request, outcome)
    if outcome.verdict == Verdict.UNAUTHORISED and integration_limits.is_flooded(row):
        return  # one more would tell nothing, and fill the disk
    integration_deliveries.log(row, request, outcome, credential)


def look(row: Integration, request: Received, *, is_shared: bool = False) -> Outcome:
    """What the rules make of a request, whoever sent it; nothing is started or stored."""
    outcome = Outcome(checks=[_checked(matcher, request) for matcher in row.matchers])
    if is_shared and not row.matchers:
        outcome.reason = "No matcher: it would run for every request to the project's address"
    elif failed := [check["name"] for check in outcome.checks if not check["met"]]:
        outcome.reason = f"Not met: {', '.join(failed)}"
    if outcome.reason:
        outcome.verdict = Verdict.UNMATCHED
    outcome.found = _values(row, request)
    return outcome


def try_out(row: Integration, request: Received) -> Outcome:
    """The same, and whether a run could start with what was found."""
    outcome = look(row, request)
    if outcome.verdict == Verdict.STARTED:
        project = db.session.get_one(Project, row.project_id)
        with _ending(outcome), _refusing():
            tasks.check(project, _asked_for(row, outcome), actor=None)
    return outcome


def replay(delivery: IntegrationDelivery, *, actor: User) -> IntegrationDelivery:
    """Let the rules of today act on a request of the past, in the name of who asks for it.

    Raises Invalid if its sender had not proved itself, or if not all of it was kept.
    """
    if delivery.verdict == Verdict.UNAUTHORISED:
        raise Invalid({"form": "Nobody knows who has sent it: let its sender send it again"})
    if not delivery.is_whole:
        raise Invalid({"form": "The request was too large to be kept whole"})
    row = db.session.get_one(Integration, delivery.integration_id)
    hold(row)
    request = integration_deliveries.received(delivery)
    outcome = look(row, request)
    if outcome.verdict == Verdict.STARTED:
        with _ending(outcome):
            outcome.task = _start(row, outcome, actor=actor)
    return integration_deliveries.log(row, request, outcome, replay_of=delivery.id)


def _judged(row: Integration, request: Received, known: Credential, is_shared: bool) -> Outcome:
    try:
        _require_sender(row, request, known)
    except _Stop as stop:
        return Outcome(stop.verdict, stop.reason)
    return look(row, request, is_shared=is_shared)


def _act(row: Integration, request: Received, outcome: Outcome) -> None:
    with _ending(outcome):
        _require_first(row, request)
        if integration_limits.is_spent(row):
            raise _Stop(Verdict.LIMITED, f"It has started {row.per_minute} runs within a minute")
        outcome.task = _start(row, outcome, actor=None)


def _credential(row: Integration) -> Credential:
    known = _secret(row.auth_secret) if row.auth_secret else {}
    return Credential(known.get("login", ""), known.get("password", ""), row.auth_header)


def _secret(key: AccessKey) -> dict[str, str]:
    try:
        clear = secrets.open(key)
    except KeyringError:
        return {}
    return json.loads(clear) if clear else {}


def _require_sender(row: Integration, request: Received, known: Credential) -> None:
    method = METHODS[row.auth_method]
    if method.needs_secret and not known.password:
        raise _Stop(Verdict.UNAUTHORISED, NO_PROOF)
    if flaw := method.flaw(request, known):
        raise _Stop(Verdict.UNAUTHORISED, f"{method.title}: {flaw}")


def _require_first(row: Integration, request: Received) -> None:
    """A sender that got no answer in time sends the same again."""
    sent_id = integration_deliveries.sent_id(request)
    if sent_id is None:
        return
    given = {"integration": row.id, "sent": sent_id}
    if first := db.session.execute(FIRST, given).one_or_none():
        run = f" and started run {first.task_id}" if first.task_id else ""
        raise _Stop(Verdict.DUPLICATE, f"It came before as delivery {first.id}{run}")


def _start(row: Integration, outcome: Outcome, *, actor: User | None) -> Task:
    """Start the run; in a savepoint, so that what was refused leaves nothing behind."""
    waiting = _waiting(row) if row.when_waiting != "queue" else []
    if waiting and row.when_waiting == "skip":
        raise _Stop(Verdict.SKIPPED, f"Run {waiting[0]} of it still waits")
    project = db.session.get_one(Project, row.project_id)
    with _refusing(), db.session.begin_nested():
        data = _asked_for(row, outcome)
        if row.when_waiting == "replace":
            for task_id in waiting:
                tasks.stop(project, task_id, actor=actor, reason=REPLACED)
        return tasks.start(project, data, actor=actor, integration_id=row.id)


@contextmanager
def _ending(outcome: Outcome) -> Iterator[None]:
    """What stops the request here is what came of it."""
    try:
        yield
    except _Stop as stop:
        outcome.verdict, outcome.reason = stop.verdict, stop.reason


@contextmanager
def _refusing() -> Iterator[None]:
    """What a start refuses ends the way of the request."""
    try:
        yield
    except ValidationError as error:
        raise _Stop(Verdict.REFUSED, str(Invalid.from_pydantic(error))) from error
    except DomainError as error:
        raise _Stop(Verdict.REFUSED, str(error)) from error


def _asked_for(row: Integration, outcome: Outcome) -> TaskIn:
    return TaskIn.model_validate(_parameters(row, outcome.found), strict=True)


def _waiting(row: Integration) -> list[int]:
    """The runs of an integration that nobody has begun."""
    return list(db.session.scalars(WAITING, {"integration": row.id}))


def _checked(matcher: Any, request: Received) -> dict[str, Any]:
    found = webhook_values.find(request, matcher.match_type, matcher)
    return {
        "name": matcher.name,
        "met": webhook_values.matches(matcher, found),
        "found": found,
    }


def _values(row: Integration, request: Received) -> dict[str, Any]:
    """{"environment": {variable: value}, "task": {parameter: value}, "missing": [names]}."""
    found: dict[str, Any] = {"environment": {}, TO_TASK: {}, "missing": []}
    for rule in row.extract_values:
        value = webhook_values.find(request, rule.value_source, rule)
        if value is None:
            found["missing"].append(rule.name)
        else:
            found[rule.variable_type][rule.variable or rule.name] = value
    return found


def _parameters(row: Integration, found: dict[str, Any]) -> dict[str, Any]:
    """The parameters of the start: the integration's own, and over them what was extracted."""
    given = dict(row.task_params or {}) | {"template_id": row.template_id, "template_name": None}
    extracted = survey_answers.of_texts(row.template, found["environment"])
    answers = TaskIn.model_validate(given).answers | extracted
    given["environment"] = json.dumps(answers, ensure_ascii=False) if answers else None
    tool = dict(given.get("params") or {})
    for name, value in found[TO_TASK].items():
        if name in TaskIn.model_fields and name not in OBJECTS:
            given[name] = value
        else:
            tool[name] = value
    return given | ({"params": tool} if tool else {})
