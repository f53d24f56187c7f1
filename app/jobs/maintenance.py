"""Work that nobody asks for and everybody would miss."""

from app.db import transaction
from app.services import sessions, sweep, workers


def sweep_leases() -> None:
    """Bury the tasks whose worker has died."""
    sweep.bury_the_dead()


def tidy() -> None:
    """Forget dead workers and expired sessions."""
    with transaction():
        workers.forget_the_dead()
        sessions.forget_the_expired()
