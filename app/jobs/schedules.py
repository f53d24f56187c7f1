"""What runs by itself: only the one keeper that holds the lock starts it, never the web process."""

from app.services import schedule_fires


def fire() -> None:
    """Start the runs that are due."""
    schedule_fires.fire_due()
