"""Work that nobody asks for and everybody would miss."""

from app.db import transaction
from app.services import leftovers, sessions, sweep, workers


def sweep_leases() -> None:
    """Bury the tasks whose worker has died."""
    sweep.bury_the_dead()


def tidy() -> None:
    """Forget dead workers, expired sessions and what deleted repositories have left here."""
    with transaction():
        workers.forget_the_dead()
        sessions.forget_the_expired()
    leftovers.remove()
