"""What runs in the worker beside the tasks: each job calls a service.

PERIODIC is the one list of what is done again and again, by the keeper, never by a queue.
"""

from collections.abc import Callable
from dataclasses import dataclass

from app.jobs import maintenance, schedules, tasks


@dataclass(frozen=True)
class Periodic:
    """A function that the one keeper which holds the lock calls every `seconds`."""

    seconds: float
    run: Callable[[], None]


PERIODIC = (
    Periodic(0.5, schedules.fire),
    Periodic(3, maintenance.sweep_leases),
    Periodic(5, tasks.top_up),
    Periodic(2, maintenance.remove_what_is_asked),
    Periodic(10, maintenance.expire_plans),
    Periodic(60, maintenance.forget_deliveries),
    Periodic(600, maintenance.retain),
    Periodic(3600, maintenance.tidy),
)
