"""Who has stopped a run: the activity of its project knows, and its page and its log say it."""

from app.db import transaction
from app.models import Task
from app.services import events

VERB = "stopped"  # completes the sentence of the activity


def told(task: Task) -> str:
    """ "Stopped by Ada", or "Stopped" where nobody is known to have done it.

    Call it outside a transaction.
    """
    with transaction(write=False):
        found = [one for one in events.of(task) if one.description.endswith(f" {VERB}")]
        user = found[-1].user if found else None
        return f"Stopped by {user.name}" if user else "Stopped"
