"""Time zones by the names that IANA gives them: Europe/Prague."""

from functools import cache
from zoneinfo import ZoneInfo, available_timezones


class UnknownZone(ValueError):
    """There is no time zone of this name."""


@cache
def names() -> tuple[str, ...]:
    """All names in alphabetical order."""
    return tuple(sorted(available_timezones() - {"localtime"}))


def zone(name: str) -> ZoneInfo:
    """Raises UnknownZone. A name is looked up in the list first, since it becomes a file's path."""
    if name not in names():
        raise UnknownZone(f"There is no time zone {name}")
    return ZoneInfo(name)


def checked(name: str) -> str:
    """The name of a zone that exists. Raises UnknownZone."""
    zone(name)
    return name
