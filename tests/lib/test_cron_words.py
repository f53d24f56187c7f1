"""What a cron line says, as a sentence."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.lib.cron_words import say

SENTENCES = {
    "* * * * *": "Every minute",
    "*/15 * * * *": "Every 15 minutes",
    "0 * * * *": "Every hour",
    "@hourly": "Every hour",
    "5 * * * *": "At minute 5 of each hour",
    "1,2,3,20 * * * *": "At minutes 1 to 3 and 20 of each hour",
    "15 3 * * *": "At 03:15, daily",
    "0 9,17 * * *": "At 09:00 and 17:00, daily",
    "0 */2 * * *": "Every 2 hours",
    "0 9-17 * * mon-fri": "Every hour, from 09:00 to 17:59, on Monday to Friday",
    "* 2 * * *": "Every minute, in the hour of 02:00",
    "*/10 8,12 * * 0": "Every 10 minutes, in the hours of 08:00 and 12:00, on Sunday",
    "0 2 * * 1,6,0": "At 02:00, on Monday, Saturday and Sunday",
    "0 0 1,15 * 5": "At 00:00, on day 1 and 15 of the month or on Friday",
    "@yearly": "At 00:00, on day 1 of the month, in January",
    "0 2 * 6-8 *": "At 02:00, daily, in June to August",
    "TZ=Europe/Prague 0 5 * * *": "At 05:00, daily",
    "@every 1h": "Every hour",
    "@every 90m": "Every 1 hour and 30 minutes",
    "@every 48h": "Every 2 days",
}


@pytest.mark.parametrize(("text", "sentence"), SENTENCES.items())
def test_a_line_is_a_sentence(text: str, sentence: str) -> None:
    assert say(text) == sentence


@settings(max_examples=200, deadline=None)
@given(
    minute=st.sets(st.integers(0, 59), min_size=1),
    hour=st.sets(st.integers(0, 23), min_size=1),
    weekday=st.sets(st.integers(0, 6), min_size=1),
)
def test_every_line_has_one(minute: set[int], hour: set[int], weekday: set[int]) -> None:
    fields = (",".join(map(str, numbers)) for numbers in (minute, hour, {*range(1, 32)}, weekday))
    first, second, third, fourth = fields
    assert say(f"{first} {second} {third} * {fourth}")
