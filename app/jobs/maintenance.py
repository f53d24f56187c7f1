"""Work that nobody asks for and everybody would miss."""

import logging

from app.db import transaction
from app.services import (
    integration_deliveries,
    leftovers,
    removing,
    retention,
    schedule_fires,
    schedules,
    sessions,
    sweep,
    task_plans,
    workers,
)

logger = logging.getLogger(__name__)


def sweep_leases() -> None:
    """Bury the tasks whose worker has died."""
    sweep.bury_the_dead()


def remove_what_is_asked() -> None:
    """Delete the templates and projects whose last run has ended."""
    removing.fulfil()


def retain() -> None:
    """Delete the runs, logs and artifacts that the settings no longer keep."""
    done = retention.apply()
    if any(vars(done).values()):
        logger.info("retention", extra=vars(done))


def expire_plans() -> None:
    """Reject the plans that nobody has approved in time."""
    task_plans.expire()


def forget_deliveries() -> None:
    """Keep the log of each integration short, however much is sent to it."""
    integration_deliveries.forget_the_old()


def tidy() -> None:
    """Forget dead workers, expired sessions, what was due long ago and what deleted repositories
    have left here; schedules follow the server's time zone."""
    with transaction():
        workers.forget_the_dead()
        sessions.forget_the_expired()
        schedule_fires.forget_the_old()
        schedules.follow_the_server()
    leftovers.remove()
