"""The fields of a cron line, and durations, as robfig/cron reads them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
DURATION = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|ms|s|m|h)")
LONGEST = 100 * 366 * 86400  # seconds


class BadCron(ValueError):
    """A text says no times; the message is the original's, `flaw` says it to people."""

    def __init__(self, message: str, flaw: str) -> None:
        super().__init__(message)
        self.flaw = flaw


@dataclass(frozen=True)
class Bounds:
    """What a field may hold, and the names of its numbers."""

    title: str
    least: int
    most: int
    names: dict[str, int]

    @property
    def span(self) -> str:
        """ "from 0 to 59", "from 0 (sun) to 6 (sat)"."""
        names = {number: f"{number} ({name})" for name, number in self.names.items()}
        return f"from {names.get(self.least, self.least)} to {names.get(self.most, self.most)}"


BOUNDS = (
    Bounds("Minute", 0, 59, {}),
    Bounds("Hour", 0, 23, {}),
    Bounds("Day", 1, 31, {}),
    Bounds("Month", 1, 12, {name: number for number, name in enumerate(MONTHS, 1)}),
    Bounds("Weekday", 0, 6, {name: number for number, name in enumerate(WEEKDAYS)}),
)


@dataclass(frozen=True)
class Field:
    """The numbers that fit; `is_any` where the field does not restrict anything (`*`, `?`)."""

    numbers: frozenset[int]
    is_any: bool


def read(text: str, bounds: Bounds) -> Field:
    """A field of a cron line: `1,3-5,*/10`. Raises BadCron, whose flaw names the field."""
    try:
        return _field(text, bounds)
    except BadCron as error:
        raise BadCron(str(error), f"{bounds.title}: {error.flaw}") from error


def _field(text: str, bounds: Bounds) -> Field:
    numbers: set[int] = set()
    is_any = False
    for part in filter(None, text.split(",")):
        found, star = _range(part, bounds)
        numbers |= set(found)
        is_any |= star
    if not numbers:
        raise BadCron(f"no number in field: {text}", f"“{text}” holds no number")
    return Field(frozenset(numbers), is_any)


def duration(text: str) -> int:
    """The seconds of `@every 1h30m`, at least one. Raises BadCron."""
    given = text.removeprefix("@every ").strip()
    parts = DURATION.findall(given)
    if not given or "".join(parts) != given.removeprefix("+"):
        raise _bad_duration(text, given, "is no time such as 90m or 1h30m")
    seconds = sum(_seconds(part) for part in parts)
    if seconds > LONGEST:
        raise _bad_duration(text, given, "is longer than a hundred years")
    return max(1, int(seconds))


def _bad_duration(text: str, given: str, flaw: str) -> BadCron:
    message = f'failed to parse duration {text}: time: invalid duration "{given}"'
    return BadCron(message, f"“{given}” {flaw}")


def _seconds(part: str) -> float:
    number = part.rstrip("nuµmsh")
    return float(number) * UNITS[part[len(number) :]]


def _range(text: str, bounds: Bounds) -> tuple[range, bool]:
    """`5`, `5-10`, `*`, with a step: the numbers, and whether it is a star without a step."""
    given, *steps = text.split("/")
    low, *high = given.split("-")
    if len(high) > 1:
        raise BadCron(f"too many hyphens: {text}", f"“{text}” has more than one hyphen")
    if len(steps) > 1:
        raise BadCron(f"too many slashes: {text}", f"“{text}” has more than one slash")
    star = low in ("*", "?")
    start = bounds.least if star else _number(low, bounds)
    end = bounds.most if star else _number(high[0], bounds) if high else start
    if steps and not high:
        end = bounds.most
    step = _integer(steps[0], {}) if steps else 1
    _refuse(start, end, step, bounds, text)
    return range(start, end + 1, step), star and step == 1


def _refuse(start: int, end: int, step: int, bounds: Bounds, text: str) -> None:
    if start < bounds.least:
        message = f"beginning of range ({start}) below minimum ({bounds.least}): {text}"
        raise BadCron(message, f"{start} is too small, it goes {bounds.span}")
    if end > bounds.most:
        message = f"end of range ({end}) above maximum ({bounds.most}): {text}"
        raise BadCron(message, f"{end} is too large, it goes {bounds.span}")
    if start > end:
        message = f"beginning of range ({start}) beyond end of range ({end}): {text}"
        raise BadCron(message, f"“{text}” goes backwards, {start} comes after {end}")
    if step == 0:
        message = f"step of range should be a positive number: {text}"
        raise BadCron(message, f"the step of “{text}” must be at least 1")


def _number(text: str, bounds: Bounds) -> int:
    named = bounds.names.get(text.lower())
    return _integer(text, bounds.names) if named is None else named


def _integer(text: str, names: Iterable[str]) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        message = f'failed to parse int from {text}: strconv.Atoi: parsing "{text}": invalid syntax'
        known = f" and none of {', '.join(names)}" if names else ""
        raise BadCron(message, f"“{text}” is no number{known}")
    return int(text)
