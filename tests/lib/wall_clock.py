"""A clock on the wall, on days on which it is put forward or back, and what is due by it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache

from hypothesis import strategies as st

from app.lib.cron import Cron
from app.lib.zones import zone

MINUTE = timedelta(minutes=1)
# Days on which clocks are put forward and back. Kathmandu's never are, and it is 5:45 ahead.
CHANGES = {
    "Europe/Berlin": ("2026-03-29", "2026-10-25"),
    "America/New_York": ("2026-03-08", "2026-11-01"),
    "Australia/Lord_Howe": ("2026-10-04", "2026-04-05"),  # by half an hour
    "America/Santiago": ("2026-09-06", "2026-04-05"),  # at midnight
    "Asia/Kathmandu": ("2026-03-29", "2026-10-25"),
}
DAYS = [(name, day) for name, days in CHANGES.items() for day in days]


def field(least: int, most: int) -> st.SearchStrategy[str]:
    number = st.integers(least, most)
    ends = st.sets(number, min_size=2, max_size=2)  # the other library takes 0-0 for *
    spans = ends.map(lambda two: f"{min(two)}-{max(two)}")
    steps = st.integers(2, 30).map(lambda step: f"*/{step}")
    lists = st.lists(number, min_size=1, max_size=3).map(lambda ns: ",".join(map(str, ns)))
    return st.one_of(st.just("*"), steps, lists, spans)


def watched(rhythm: Cron, where: str, start: datetime, end: datetime) -> Iterator[datetime]:
    """Watch the clock on the wall: due is what it reaches, or jumps over, for the first time."""
    moment, seen = start, wall_at(start, where)
    while moment < end:
        moment += MINUTE
        wall = wall_at(moment, where)
        if len(rhythm.hour.numbers) == 24:
            reached = [wall]
        else:
            reached = [seen + n * MINUTE for n in range(1, max(0, (wall - seen) // MINUTE) + 1)]
        seen = max(seen, wall)
        if any(fits(rhythm, each) for each in reached):
            yield moment


@cache
def wall_at(moment: datetime, where: str) -> datetime:
    return moment.astimezone(zone(where)).replace(tzinfo=None, fold=0)


def fits(rhythm: Cron, wall: datetime) -> bool:
    return wall.minute in rhythm.minute.numbers and wall.hour in rhythm.hour.numbers
