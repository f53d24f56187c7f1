import os

import pytest

from app.lib import machine
from app.lib.machine import MB


def test_it_knows_this_machine() -> None:
    assert (
        64 * MB < machine.memory_limit() <= os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    )
    assert machine.cores() == len(os.sched_getaffinity(0))


@pytest.mark.parametrize(
    ("memory", "cores", "slots"),
    [(512, 8, 3), (128, 2, 1), (24_000, 2, 6), (24_000, 1, 4), (1024, 2, 6), (900, 2, 6)],
)
def test_slots_fit_into_memory_and_cores(memory: int, cores: int, slots: int) -> None:
    assert machine.slots_for(memory * MB, cores) == slots
