"""What a schedule would do, and what is wrong with it, in the words of a page."""

from types import SimpleNamespace
from typing import Any

from pydantic import ValidationError

from app.clock import utcnow
from app.errors import Invalid
from app.lib import cron
from app.schemas.schedules import ScheduleIn
from app.services import schedule_lists, schedule_times

OF_LINE = "Cron: "  # what comes after it are words of a library that clients know
SAID = {  # what clients of the API know, in the words of a page
    "run_at must be provided": "Choose a time",
    "run_at must be in the future": "Choose a time in the future",
}


def of(given: dict[str, Any]) -> dict[str, Any]:
    """The sentence, the zone and the next times of what a form says, or its flaw."""
    try:
        data = ScheduleIn.model_validate(given)
    except ValidationError as error:
        why = next(iter(Invalid.from_pydantic(error).fields.values()))
        return {"flaw": plain(why, given["cron_format"])}
    timed = SimpleNamespace(**{**data.model_dump(), "timezone": data.timezone or ""})
    where = schedule_times.zone_of(timed)
    timed.run_at = schedule_times.in_zone(timed.run_at, where) if timed.run_at else None
    return {
        "sentence": schedule_lists.say(timed),
        "zone": where,
        "times": schedule_times.upcoming(timed, utcnow()),
        "why_never": schedule_lists.why_never(timed),
    }


def plain(text: str, line: Any) -> str:
    """A refusal in the words of a page; `line`: the cron line that it may be about."""
    if text.startswith(OF_LINE):
        return cron.flaw(str(line))
    return SAID.get(text[:1].lower() + text[1:], text[:1].upper() + text[1:])
