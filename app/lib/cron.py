"""When something is due that comes again and again: cron's five fields, @daily, @every 1h30m.

    rhythm = parse("TZ=Europe/Prague 30 2 * * mon-fri")
    rhythm.after(moment, zone)      # the next time, in UTC

Where clocks are changed, a rhythm keeps to the clock on the wall:

- a local time that does not exist (02:30 when 02:00 becomes 03:00) is due at the moment of the
  change, once, however many of its times are left out;
- a local time that comes twice is due when it comes first;
- a rhythm whose hour is `*` is due in every hour that passes: in both of those that come twice, and
  not for those that are left out.

Texts are read, and refused, as robfig/cron's ParseStandard does, which clients know.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from app.lib import cron_fields
from app.lib.cron_fields import BadCron, Field
from app.lib.zones import UnknownZone, zone

__all__ = ["BadCron", "Cron", "Every", "Rhythm", "parse"]

MOST_DAYS = 9 * 366  # 29 February may be eight years away
MOST_SHIFT = timedelta(hours=3)  # longer than any change of a clock
WINDOWS = (timedelta(hours=1), timedelta(days=1), timedelta(days=30), timedelta(days=400))
EACH_HOUR = frozenset(range(24))

DESCRIPTORS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}


@dataclass(frozen=True)
class Cron:
    """Five fields, each the numbers that fit, and the zone that the text itself names."""

    minute: Field
    hour: Field
    day: Field
    month: Field
    weekday: Field
    zone: str = ""

    def after(self, moment: datetime, zone: ZoneInfo) -> datetime | None:
        """The first time after a moment; none if there is none within nine years."""
        if plain := self._without_change(moment, zone):
            return plain
        best: datetime | None = None
        for wall in self._walls(_wall(moment, zone) - MOST_SHIFT):
            if best is not None and wall > _wall(best, zone) + MOST_SHIFT:
                break
            later = [found for found in self._moments(wall, zone) if found > moment]
            best = min([*later, best] if best else later, default=None)
        return best

    def _without_change(self, moment: datetime, zone: ZoneInfo) -> datetime | None:
        """The same at a fraction of the cost, where no clock is changed around it."""
        here = _wall(moment, zone)
        wall = next((each for each in self._walls(here) if each > here), here)
        found = wall.replace(tzinfo=zone).astimezone(UTC)
        moments = (moment - MOST_SHIFT, moment, moment + MOST_SHIFT, found, found + MOST_SHIFT)
        offsets = {each.astimezone(zone).utcoffset() for each in moments}
        return found if len(offsets) == 1 and wall > here else None

    def newest(self, since: datetime, until: datetime, most: int, zone: ZoneInfo) -> list[datetime]:
        """The newest times from `since` on that are not after `until`, oldest first."""
        found: list[datetime] = []
        for window in WINDOWS:
            start = max(since, until - window)
            found = self._between(start, until, zone)
            if len(found) >= most or start == since:
                break
        return found[-most:]

    def _between(self, since: datetime, until: datetime, zone: ZoneInfo) -> list[datetime]:
        end, found = _wall(until, zone) + MOST_SHIFT, set()
        for wall in self._walls(_wall(since, zone) - MOST_SHIFT):
            if wall > end:
                break
            found |= {m for m in self._moments(wall, zone) if since <= m <= until}
        return sorted(found)

    def _walls(self, start: datetime) -> Iterator[datetime]:
        """What clocks on the wall show when it is due."""
        for number in range(MOST_DAYS):
            day = start.date() + timedelta(days=number)
            if not self._fits(day):
                continue
            for hour in sorted(self.hour.numbers):
                if number == 0 and hour < start.hour:
                    continue
                for minute in sorted(self.minute.numbers):
                    wall = datetime(day.year, day.month, day.day, hour, minute)
                    if wall >= start:
                        yield wall

    def _fits(self, day: date) -> bool:
        """Day and weekday: if both are restricted one of them is enough."""
        if day.month not in self.month.numbers:
            return False
        by_day = day.day in self.day.numbers
        by_weekday = day.isoweekday() % 7 in self.weekday.numbers
        if self.day.is_any or self.weekday.is_any:
            return by_day and by_weekday
        return by_day or by_weekday

    def _moments(self, wall: datetime, zone: ZoneInfo) -> list[datetime]:
        """When clocks show it: usually once, sometimes twice or never (see above)."""
        first = wall.replace(tzinfo=zone).astimezone(UTC)
        second = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
        each_hour = self.hour.numbers == EACH_HOUR
        if first == second:
            return [first]
        if first < second:
            return [first, second] if each_hour else [first]
        return [] if each_hour else [_change(second, first, zone)]


@dataclass(frozen=True)
class Every:
    """Again and again after so many seconds, whatever clocks show."""

    seconds: int
    zone: str = ""

    def after(self, moment: datetime, zone: ZoneInfo) -> datetime | None:
        return moment.replace(microsecond=0) + timedelta(seconds=self.seconds)

    def newest(self, since: datetime, until: datetime, most: int, zone: ZoneInfo) -> list[datetime]:
        """The newest times, counted from `since` on, that are not after `until`, oldest first."""
        step = timedelta(seconds=self.seconds)
        last = (until - since) // step
        return [since + n * step for n in range(max(0, last - most + 1), last + 1)]


Rhythm = Cron | Every


def flaw(text: str) -> str:
    """What is wrong with a text, in words for people; empty if nothing is."""
    try:
        parse(text)
    except BadCron as error:
        return error.flaw
    return ""


@lru_cache(1024)
def parse(text: str) -> Rhythm:
    """Raises BadCron with the reason in the words of the original."""
    if not text:
        raise BadCron("empty spec string", "Write when, such as 0 2 * * * for 02:00 each day")
    named, spec = _zone_of(text)
    if spec.startswith("@every "):
        return Every(cron_fields.duration(spec), named)
    if spec.startswith("@"):
        if spec not in DESCRIPTORS:
            known = ", ".join(DESCRIPTORS)
            raise BadCron(
                f"unrecognized descriptor: {spec}", f"“{spec}” is none of {known}, @every"
            )
        spec = DESCRIPTORS[spec]
    parts = spec.split()
    if len(parts) != len(cron_fields.BOUNDS):
        raise BadCron(
            f"expected exactly 5 fields, found {len(parts)}: [{' '.join(parts)}]",
            f"Five fields are wanted (minute, hour, day, month, weekday), here are {len(parts)}",
        )
    fields = map(cron_fields.read, parts, cron_fields.BOUNDS)
    minute, hour, day, month, weekday = fields
    return Cron(minute, hour, day, month, weekday, named)


def _zone_of(text: str) -> tuple[str, str]:
    """The zone that a text begins with, and the rest."""
    if not text.startswith(("TZ=", "CRON_TZ=")):
        return "", text
    head, _, rest = text.partition(" ")
    name = head.partition("=")[2]
    try:
        zone(name)
    except UnknownZone:
        message = f"provided bad location {name}: unknown time zone {name}"
        raise BadCron(message, f"There is no time zone {name}") from None
    return name, rest.strip()


def _wall(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None, second=0, microsecond=0, fold=0)


def _change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The moment between the two at which clocks are put forward."""
    old = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        middle = middle.replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after
