"""When a schedule is due, in its time zone."""

from datetime import UTC, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from app.extensions import settings
from app.lib import cron
from app.lib.zones import zone
from app.schemas.schedules import RUN_AT

SHOWN = 5  # times that a page tells in advance


class Timed(Protocol):
    """What says when: a row, or what a form holds."""

    type: str
    cron_format: str
    timezone: str
    run_at: datetime | None


def zone_of(given: Timed) -> ZoneInfo:
    """The zone in the cron line, else the schedule's own, else the server's."""
    named = cron.parse(given.cron_format).zone if given.type != RUN_AT else ""
    return zone(named or given.timezone or server_zone())


def server_zone() -> str:
    """The name of the zone of schedules that name none."""
    return settings().SCHEDULE_TIMEZONE


def after(given: Timed, moment: datetime) -> datetime | None:
    """When it is due next after a moment; none: never again."""
    if given.type == RUN_AT:
        return given.run_at if given.run_at and given.run_at > moment else None
    return cron.parse(given.cron_format).after(moment, zone_of(given))


def due(given: Timed, since: datetime, until: datetime, most: int) -> list[datetime]:
    """The newest times from `since` on that are not after `until`, oldest first."""
    if given.type == RUN_AT:
        return [given.run_at] if given.run_at and since <= given.run_at <= until else []
    return cron.parse(given.cron_format).newest(since, until, most, zone_of(given))


def upcoming(given: Timed, moment: datetime, first: datetime | None = None) -> list[datetime]:
    """The next few times after a moment; `first` is the one that is known already."""
    found = [first] if first else []
    while len(found) < SHOWN:
        later = after(given, found[-1] if found else moment)
        if later is None:
            break
        found.append(later)
    return found


def in_zone(wall: datetime, where: ZoneInfo) -> datetime:
    """The moment of a time that may have come without its zone, from a form."""
    return (wall if wall.tzinfo else wall.replace(tzinfo=where)).astimezone(UTC)
