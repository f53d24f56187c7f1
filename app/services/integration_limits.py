"""How much of an integration is done, and written down, within a minute."""

from datetime import timedelta

from sqlalchemy import func, select

from app.clock import utcnow
from app.db import db
from app.models import Integration, IntegrationDelivery, Verdict
from app.services import integration_deliveries

MINUTE = timedelta(minutes=1)


def is_spent(row: Integration) -> bool:
    """Whether it has started as many runs as it may."""
    return bool(row.per_minute) and _last(row, Verdict.STARTED) >= row.per_minute


def is_flooded(row: Integration) -> bool:
    """Whether strangers have sent as much as the log keeps of them."""
    return _last(row, Verdict.UNAUTHORISED) >= integration_deliveries.STRANGERS_KEPT


def _last(row: Integration, verdict: Verdict) -> int:
    deliveries = (
        select(func.count())
        .select_from(IntegrationDelivery)
        .where(
            IntegrationDelivery.integration_id == row.id,
            IntegrationDelivery.verdict == verdict,
            IntegrationDelivery.created > utcnow() - MINUTE,
        )
    )
    return db.session.scalar(deliveries) or 0
