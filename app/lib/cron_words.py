"""What a cron line says, as a sentence: "Every 15 minutes", "At 02:00, Monday to Friday"."""

from collections.abc import Callable
from itertools import groupby

from app.lib.cron import Cron, Every, parse
from app.lib.cron_fields import BOUNDS, Field

WEEKDAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
MOST_TIMES = 6  # times of a day that are listed one by one
UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def say(text: str) -> str:
    """A sentence without full stop. Raises BadCron."""
    rhythm = parse(text)
    if isinstance(rhythm, Every):
        return _every(rhythm.seconds)
    return ", ".join(filter(None, (_time(rhythm), _days(rhythm), _months(rhythm))))


def _every(seconds: int) -> str:
    told = []
    for size, unit in UNITS:
        count, seconds = divmod(seconds, size)
        if count:
            told.append(f"{count} {unit}{'s' if count > 1 else ''}")
    return f"Every {told[0].removeprefix('1 ')}" if len(told) == 1 else "Every " + _and(told)


def _time(cron: Cron) -> str:
    minutes, hours = sorted(cron.minute.numbers), sorted(cron.hour.numbers)
    each_hour, each_minute = len(hours) == 24, len(minutes) == 60
    if not each_minute and not each_hour and len(minutes) * len(hours) <= MOST_TIMES:
        return "At " + _and([f"{h:02}:{m:02}" for h in hours for m in minutes])
    if each_hour:
        return _within_hour(minutes)
    if minutes == [0] and _step(hours, 24):
        return f"Every {_step(hours, 24)} hours"
    return f"{_within_hour(minutes)}, {_hours(hours)}"


def _within_hour(minutes: list[int]) -> str:
    if len(minutes) == 60:
        return "Every minute"
    if minutes == [0]:
        return "Every hour"
    if _step(minutes, 60):
        return f"Every {_step(minutes, 60)} minutes"
    noun = "minute" if len(minutes) == 1 else "minutes"
    return f"At {noun} {_spans(minutes, str)} of each hour"


def _hours(hours: list[int]) -> str:
    if hours == list(range(hours[0], hours[-1] + 1)) and len(hours) > 1:
        return f"from {hours[0]:02}:00 to {hours[-1]:02}:59"
    noun = "hour" if len(hours) == 1 else "hours"
    return f"in the {noun} of " + _and([f"{hour:02}:00" for hour in hours])


def _days(cron: Cron) -> str:
    days = "" if _is_full(cron.day, 2) else _days_of_month(cron.day)
    weekdays = "" if _is_full(cron.weekday, 4) else _weekdays(cron.weekday)
    if not days or not weekdays:
        return days or weekdays or ("daily" if _is_daily(cron) else "")
    either = not (cron.day.is_any or cron.weekday.is_any)
    return f"{days} {'or' if either else 'and'} {weekdays}"


def _days_of_month(field: Field) -> str:
    return f"on day {_spans(sorted(field.numbers), str)} of the month"


def _weekdays(field: Field) -> str:
    monday_first = sorted((number - 1) % 7 for number in field.numbers)
    return "on " + _spans(monday_first, lambda number: WEEKDAYS[(number + 1) % 7])


def _is_daily(cron: Cron) -> bool:
    return len(cron.hour.numbers) * len(cron.minute.numbers) <= MOST_TIMES


def _months(cron: Cron) -> str:
    if _is_full(cron.month, 3):
        return ""
    return "in " + _spans(sorted(cron.month.numbers), lambda number: MONTHS[number - 1])


def _is_full(field: Field, place: int) -> bool:
    bounds = BOUNDS[place]
    return len(field.numbers) == bounds.most - bounds.least + 1


def _step(numbers: list[int], size: int) -> int:
    """The step, if the numbers go through all of `size` from 0 on in equal steps; else 0."""
    step = numbers[1] - numbers[0] if len(numbers) > 1 else 0
    fits = step > 1 and size % step == 0 and numbers == list(range(0, size, step))
    return step if fits else 0


def _spans(numbers: list[int], name: Callable[[int], str]) -> str:
    """Three or more in a row are told as "1 to 5"."""
    told: list[str] = []
    rows = groupby(enumerate(numbers), lambda pair: pair[1] - pair[0])
    for row in ([number for _, number in pairs] for _, pairs in rows):
        long = len(row) > 2
        told += [f"{name(row[0])} to {name(row[-1])}"] if long else [name(n) for n in row]
    return _and(told)


def _and(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]
