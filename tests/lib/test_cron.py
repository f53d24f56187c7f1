"""When a cron line is due: against a clock on the wall that is watched minute by minute."""

import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from croniter import croniter
from hypothesis import given, settings
from hypothesis import strategies as st

from app.lib.cron import BadCron, Cron, Every, flaw, parse
from app.lib.zones import names, zone
from tests.lib.wall_clock import CHANGES, DAYS, MINUTE, field, watched

REFUSALS = {
    "": "empty spec string",
    "nonsense": "expected exactly 5 fields, found 1: [nonsense]",
    "* * * *": "expected exactly 5 fields, found 4: [* * * *]",
    "* * * * * *": "expected exactly 5 fields, found 6: [* * * * * *]",
    "61 * * * *": "end of range (61) above maximum (59): 61",
    "0 0 1 1 7": "end of range (7) above maximum (6): 7",
    "0 0 0 1 *": "beginning of range (0) below minimum (1): 0",
    "5-3 * * * *": "beginning of range (5) beyond end of range (3): 5-3",
    "*/0 * * * *": "step of range should be a positive number: */0",
    "1-2-3 * * * *": "too many hyphens: 1-2-3",
    "1/2/3 * * * *": "too many slashes: 1/2/3",
    "x * * * *": 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax',
    ", * * * *": "no number in field: ,",
    "@often": "unrecognized descriptor: @often",
    "@every x": 'failed to parse duration @every x: time: invalid duration "x"',
    "@every 99999999h": (
        'failed to parse duration @every 99999999h: time: invalid duration "99999999h"'
    ),
    "TZ=Mars/Base 0 0 * * *": "provided bad location Mars/Base: unknown time zone Mars/Base",
    "TZ=../../etc/passwd 0 0 * * *": (
        "provided bad location ../../etc/passwd: unknown time zone ../../etc/passwd"
    ),
}
FLAWS = {
    "0 2 * * 7": "Weekday: 7 is too large, it goes from 0 (sun) to 6 (sat)",
    "a * * * *": "Minute: “a” is no number",
    "* * * x *": "Month: “x” is no number and none of jan, feb, mar, apr",
    "@often": "“@often” is none of @yearly",
    "@every x": "“x” is no time such as 90m",
}


@pytest.mark.parametrize("text", FLAWS)
def test_people_are_told_what_is_wrong_in_their_words(text: str) -> None:
    assert flaw(text).startswith(FLAWS[text])


def test_each_refusal_has_words_for_people() -> None:
    for text, refusal in REFUSALS.items():
        assert flaw(text) and refusal not in flaw(text)
    assert flaw("0 2 * * *") == ""


@pytest.mark.parametrize(("text", "message"), REFUSALS.items())
def test_what_says_no_time_is_refused_in_the_originals_words(text: str, message: str) -> None:
    with pytest.raises(BadCron) as caught:
        parse(text)
    assert str(caught.value) == message


def due(text: str, zone_name: str, start: str, end: str) -> list[str]:
    """The times between two moments of UTC, as clocks there show them."""
    where, moment = zone(zone_name), datetime.fromisoformat(start).replace(tzinfo=UTC)
    found = []
    while moment := parse(text).after(moment, where):
        if moment > datetime.fromisoformat(end).replace(tzinfo=UTC):
            return found
        found.append(moment.astimezone(where).strftime("%d %H:%M %z"))
    return found


def test_a_time_that_does_not_exist_is_due_when_clocks_are_put_forward() -> None:
    found = due("30 2 * * *", "Europe/Berlin", "2026-03-28", "2026-03-30T12:00")
    assert found == ["28 02:30 +0100", "29 03:00 +0200", "30 02:30 +0200"]


def test_many_times_that_do_not_exist_are_due_once() -> None:
    found = due("*/20 2,3 * * *", "Europe/Berlin", "2026-03-29", "2026-03-29T12:00")
    assert found == ["29 03:00 +0200", "29 03:20 +0200", "29 03:40 +0200"]


def test_midnight_that_does_not_exist_is_due_at_one() -> None:
    found = due("@daily", "America/Santiago", "2026-09-05T12:00", "2026-09-07T12:00")
    assert found == ["06 01:00 -0300", "07 00:00 -0300"]


def test_a_time_that_comes_twice_is_due_when_it_comes_first() -> None:
    found = due("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00", "2026-10-26T12:00")
    assert found == ["25 02:30 +0200", "26 02:30 +0100"]


def test_each_hour_is_due_in_both_hours_that_show_the_same() -> None:
    found = due("0 * * * *", "Europe/Berlin", "2026-10-24T22:30", "2026-10-25T02:30")
    assert found == [
        "25 01:00 +0200", "25 02:00 +0200", "25 02:00 +0100", "25 03:00 +0100"
    ]  # fmt: skip


def test_half_an_hour_is_left_out_on_lord_howe() -> None:
    found = due("15,45 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00", "2026-10-04T12:00")
    assert found == ["04 02:30 +1100", "04 02:45 +1100"]


def test_a_leap_day_is_waited_for_and_one_that_never_comes_is_none() -> None:
    after = datetime(2028, 3, 1, tzinfo=UTC)
    assert parse("0 0 29 2 *").after(after, zone("UTC")) == datetime(2032, 2, 29, tzinfo=UTC)
    assert parse("0 0 30 2 *").after(after, zone("UTC")) is None


def test_a_text_may_name_its_own_zone() -> None:
    assert parse("TZ=Europe/Prague 0 5 * * *").zone == "Europe/Prague"
    assert parse("CRON_TZ=Asia/Kathmandu @daily").zone == "Asia/Kathmandu"


def test_durations_go_on_from_the_last_time() -> None:
    rhythm, since = parse("@every 1h30m"), datetime(2026, 1, 1, tzinfo=UTC)
    assert rhythm == Every(5400)
    assert parse("@every 10ms") == Every(1)
    assert rhythm.after(since, zone("UTC")) == since + timedelta(minutes=90)
    newest = rhythm.newest(since, since + timedelta(days=1), 2, zone("UTC"))
    assert newest == [since + timedelta(hours=22.5), since + timedelta(hours=24)]


def test_all_zones_have_a_name_that_can_be_loaded() -> None:
    assert {*CHANGES, "UTC"} <= set(names())
    assert "localtime" not in names()


@pytest.mark.parametrize(
    ("text", "moment", "expected"),
    [
        ("0 0 1,15 * 5", "2026-11-01", "2026-11-06"),  # day or weekday
        ("0 0 */2 * 1", "2026-11-01", "2026-11-02"),  # a step restricts, as in the original
        ("0 0 * * 1", "2026-11-01", "2026-11-02"),
        ("0 0 ? feb sun", "2026-11-01", "2027-02-07"),
    ],
)
def test_day_and_weekday(text: str, moment: str, expected: str) -> None:
    start = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    found = parse(text).after(start, zone("UTC"))
    assert found == datetime.fromisoformat(expected).replace(tzinfo=UTC)


# -- properties ----------------------------------------------------------------------------------


TIMES = st.tuples(field(0, 59), st.one_of(field(0, 3), field(0, 23)))
LINES = st.tuples(field(0, 59), field(0, 23), field(1, 28), field(1, 12), st.just("*"))


@pytest.mark.parametrize(("where", "day"), DAYS)
@settings(max_examples=25, deadline=None)
@given(times=TIMES)
def test_it_is_due_when_the_clock_on_the_wall_says_so(
    where: str, day: str, times: tuple[str, str]
) -> None:
    rhythm = parse(" ".join([*times, "* * *"]))
    assert isinstance(rhythm, Cron)
    middle = datetime.fromisoformat(day).replace(tzinfo=zone(where)).astimezone(UTC)
    start, end = middle - timedelta(hours=8), middle + timedelta(hours=8)
    expected = list(watched(rhythm, where, start, end))
    found = [start]
    while (later := rhythm.after(found[-1], zone(where))) and later <= end:
        found.append(later)
    assert found[1:] == expected
    assert rhythm.newest(start + MINUTE, end, 5000, zone(where)) == expected
    assert rhythm.newest(start + MINUTE, end, 3, zone(where)) == expected[-3:]


@settings(max_examples=200, deadline=None)
@given(line=LINES, days=st.integers(0, 3000))
def test_without_changes_of_clocks_it_is_due_when_another_library_says_so(
    line: tuple[str, ...], days: int
) -> None:
    start = datetime(2026, 1, 1, 12, 34, tzinfo=UTC) + timedelta(days=days)
    other = croniter(" ".join(line), start).get_next(datetime)
    assert parse(" ".join(line)).after(start, zone("UTC")) == other


@settings(max_examples=300, deadline=None)
@given(text=st.one_of(st.text(max_size=40), st.text("*/-,0123456789 @everyhTZ=:", max_size=30)))
def test_no_text_is_more_than_refused(text: str) -> None:
    with contextlib.suppress(BadCron):
        parse(text).after(datetime(2026, 1, 1, tzinfo=UTC), zone("UTC"))
