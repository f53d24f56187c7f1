"""Who has stopped a run: the activity of its project knows, and its page and its log say it."""

from app.db import transaction
from app.models import Event, Task
from app.services import events
from app.services.patience import patiently

VERB = "stopped"  # completes the sentence of the activity


def told(task: Task) -> str:
    """ "Stopped by Ada", or "Stopped" where nobody is known to have done it.

    Call it outside a transaction. It waits for a database that is away.
    """
    return patiently(lambda: _told(task))


def _told(task: Task) -> str:
    with transaction(write=False):
        user = next((one.user for one in reversed(events.of(task)) if _is_stop(one)), None)
        return f"Stopped by {user.name}" if user else "Stopped"


def _is_stop(event: Event) -> bool:
    """What somebody has written about a run stands behind its name as well, in more words."""
    return event.description.endswith(f"{event.object_name} {VERB}")
