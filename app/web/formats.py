"""How pages write moments, durations and numbers. The server's clock is the reference."""

import json
from datetime import UTC, datetime, tzinfo
from typing import Any

MINUTE, HOUR, DAY = 60, 3600, 86400


def moment(when: datetime, zone: tzinfo = UTC) -> str:
    """A moment in a table: "21 Nov 09:40", with the year when it is another one's."""
    when = when.astimezone(zone)
    year = "" if when.year == datetime.now(zone).year else f" {when.year}"
    return f"{when.day} {when:%b}{year} {when:%H:%M}"


def full(when: datetime) -> str:
    """A moment with everything: "21 Nov 2026, 09:40:08 UTC"."""
    when = when.astimezone(UTC)
    return f"{when.day} {when:%b %Y, %H:%M:%S} UTC"


def iso(when: datetime) -> str:
    """A moment for `<time datetime>`, to the second."""
    return f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def ago(when: datetime, now: datetime | None = None) -> str:
    """A moment relative to now up to 24 h ("3 min ago"), then as moment() writes it."""
    seconds = age(when, now)
    if seconds < MINUTE:
        return "just now"
    if seconds < HOUR:
        return f"{seconds // MINUTE} min ago"
    if seconds < DAY:
        return f"{seconds // HOUR} h ago"
    return moment(when)


def age(when: datetime, now: datetime | None = None) -> int:
    """Whole seconds since a moment; never negative, so that clocks may differ a little."""
    return max(0, int(((now or datetime.now(UTC)) - when).total_seconds()))


def duration(seconds: float) -> str:
    """ "48s", "4m 12s", "1h 03m"."""
    whole = max(0, int(seconds))
    if whole < MINUTE:
        return f"{whole}s"
    if whole < HOUR:
        return f"{whole // MINUTE}m {whole % MINUTE:02}s"
    return f"{whole // HOUR}h {whole // MINUTE % 60:02}m"


def span(ms: int) -> str:
    """Milliseconds of a single step: "40 ms", "1.3s", then as duration() writes it."""
    if ms < 1000:
        return f"{ms} ms"
    return f"{ms / 1000:.1f}s" if ms < 10_000 else duration(ms / 1000)


def number(value: int) -> str:
    """A number with thousands separators."""
    return f"{value:,}"


def size(value: int) -> str:
    """Bytes in the unit that makes them short: "812 B", "12 KB", "3.4 MB"."""
    amount, unit = float(value), "B"
    for unit in ("B", "KB", "MB", "GB", "TB"):
        if amount < 1000 or unit == "TB":
            break
        amount /= 1000
    return f"{amount:.1f} {unit}" if amount < 10 and unit != "B" else f"{amount:.0f} {unit}"


def pretty(value: Any) -> str:
    """A value as JSON over several lines, readable in every script."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def compact(value: Any) -> str:
    """A value as JSON in one line."""
    return json.dumps(value, ensure_ascii=False)


def counted(value: int, one: str, many: str = "") -> str:
    """A number with its noun: "1 run", "12 runs", "4,301 keys"."""
    return f"{number(value)} {one if value == 1 else many or one + 's'}"


def counted_to(most: int, value: int, one: str) -> str:
    """The same for what is not counted any further than `most`: "10,000+ runs"."""
    return counted(value, one) if value <= most else f"{number(most)}+ {one}s"


BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"),
            ("Safari", "Safari"), ("curl", "curl"))  # fmt: skip
SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
           ("Mac OS", "macOS"), ("Linux", "Linux"))  # fmt: skip


def browser(user_agent: str) -> str:
    """Who sent a User-Agent, in words: "Firefox on Linux". Chrome's also says Safari."""
    name = next((title for mark, title in BROWSERS if f"{mark}/" in user_agent), "")
    system = next((title for mark, title in SYSTEMS if mark in user_agent), "")
    return " on ".join(filter(None, (name, system))) or "Unknown browser"
