"""The log of what integrations got: looked at, kept for a while, sent again."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import joinedload

from app.db import db, transaction
from app.errors import NotFound
from app.lib.redact import Redactor
from app.models import Integration, IntegrationDelivery, Task, Verdict
from app.services import keyset
from app.services.integration_auth import Credential
from app.services.keyset import Rows
from app.services.webhook_values import Received

KEPT = 1000  # deliveries of an integration that its senders made
STRANGERS_KEPT = 200  # and of those who could not prove themselves: these push out no others
AT_ONCE = 200  # that are forgotten in one transaction
BODY = 256 * 1024  # bytes of a body that are kept
LONGEST = 4096  # characters of a header, or of a value that was found, that are kept
BY_STRANGERS = IntegrationDelivery.verdict == Verdict.UNAUTHORISED
BY_SENDERS = IntegrationDelivery.verdict != Verdict.UNAUTHORISED
MASK = "***"
SECRET_HEADERS = frozenset(
    {"authorization", "cookie", "proxy-authorization", "x-gitlab-token", "x-api-key"}
)
# By which a sender says that it sends something again, in the order in which they count.
ID_HEADERS = (
    "x-github-delivery",
    "x-gitea-delivery",
    "x-gogs-delivery",
    "x-request-uuid",  # Bitbucket
    "idempotency-key",  # GitLab
    "webhook-id",  # Standard Webhooks
)


@dataclass
class Outcome:
    """What came of a request for one integration."""

    verdict: Verdict = Verdict.STARTED
    reason: str = ""
    checks: list[dict[str, Any]] = field(default_factory=list)
    found: dict[str, Any] = field(default_factory=dict)
    task: Task | None = None


def list_for(
    integration: Integration, *, before: int | None = None, after: int | None = None
) -> Rows[IntegrationDelivery]:
    """The newest deliveries of an integration, or those beside an id."""
    query = select(IntegrationDelivery).options(joinedload(IntegrationDelivery.task))
    query = query.filter_by(integration_id=integration.id)
    return keyset.find(query, IntegrationDelivery, before=before, after=after)


def get(integration: Integration, delivery_id: int) -> IntegrationDelivery:
    query = select(IntegrationDelivery).filter_by(integration_id=integration.id, id=delivery_id)
    found = db.session.scalar(query)
    if found is None:
        raise NotFound(f"Delivery {delivery_id} does not exist in this integration")
    return found


def last_of(integrations: list[Integration]) -> dict[int, IntegrationDelivery]:
    """The newest delivery of each integration, by its id."""
    newest = (
        select(IntegrationDelivery.id)
        .where(IntegrationDelivery.integration_id == Integration.id)
        .order_by(IntegrationDelivery.id.desc())
        .limit(1)
        .correlate(Integration)
        .scalar_subquery()
    )
    ids = select(newest).where(Integration.id.in_([row.id for row in integrations]))
    rows = db.session.scalars(select(IntegrationDelivery).where(IntegrationDelivery.id.in_(ids)))
    return {row.integration_id: row for row in rows}


def log(
    row: Integration,
    request: Received,
    outcome: Outcome,
    credential: Credential | None = None,
    *,
    replay_of: int | None = None,
) -> IntegrationDelivery:
    """Keep what came and what was done; the sender's secret is masked wherever it stands."""
    known = Redactor([credential.password] if credential else [])
    body = known.mask(request.body)  # whole, so that no secret is cut in two and seen
    delivery = IntegrationDelivery(
        project_id=row.project_id,
        integration_id=row.id,
        method=request.method[:16],
        headers={name: _shown(name, value, row, known) for name, value in request.headers.items()},
        query={name: _masked(value, known) for name, value in request.query.items()},
        body=body[:BODY],
        body_length=len(body),
        verdict=outcome.verdict,
        reason=_masked(outcome.reason, known),
        checks=_told(outcome.checks, known),
        found=_told(outcome.found, known),
        sent_id=sent_id(request) if outcome.verdict == Verdict.STARTED and not replay_of else None,
        replay_of=replay_of,
        task_id=outcome.task.id if outcome.task else None,
    )
    db.session.add(delivery)
    db.session.flush()  # What is told of it needs its id.
    return delivery


def received(delivery: IntegrationDelivery) -> Received:
    """The request of a delivery, as far as it was kept."""
    return Received(delivery.method, delivery.headers, delivery.query, delivery.body)


def sent_id(request: Received) -> str | None:
    """What a sender calls a request, the same when it sends it again; None if it says nothing."""
    found = next(filter(None, map(request.header, ID_HEADERS)), "")
    return found[:255] or None


def forget_the_old() -> int:
    """Forget the deliveries behind the newest ones of each integration; returns how many. A few
    at a time, each with a transaction of its own: whoever sends more must not wait for that."""
    with transaction(write=False):
        ids = list(db.session.scalars(select(IntegrationDelivery.integration_id).distinct()))
    kinds = ((BY_SENDERS, KEPT), (BY_STRANGERS, STRANGERS_KEPT))
    return sum(_forget(row_id, kind, kept) for row_id in ids for kind, kept in kinds)


def _forget(integration_id: int, kind: ColumnElement[bool], kept: int) -> int:
    newest = select(IntegrationDelivery.id).filter_by(integration_id=integration_id).where(kind)
    with transaction(write=False):
        old = newest.order_by(IntegrationDelivery.id.desc()).offset(kept)
        ids = list(db.session.scalars(old))
    for at in range(0, len(ids), AT_ONCE):
        few = IntegrationDelivery.id.in_(ids[at : at + AT_ONCE])
        with transaction():
            db.session.execute(delete(IntegrationDelivery).where(few))
    return len(ids)


def _shown(name: str, value: str, row: Integration, known: Redactor) -> str:
    is_token = row.auth_method == "token" and name == row.auth_header.strip().lower()
    return MASK if name in SECRET_HEADERS or is_token else _masked(value, known)


def _told(found: Any, known: Redactor) -> Any:
    """What the rules found, with its texts as they may be shown."""
    if isinstance(found, dict):
        return {name: _told(value, known) for name, value in found.items()}
    if isinstance(found, list):
        return [_told(value, known) for value in found]
    return _masked(found, known) if isinstance(found, str) else found


def _masked(text: str, known: Redactor) -> str:
    """The beginning of a text. It is cut after it was masked: half a secret is none. Databases
    take no NUL."""
    masked = known.mask(text[: 2 * LONGEST].encode()).decode("utf-8", "replace")
    return masked[:LONGEST].replace("\0", "\ufffd")
