import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.lib.log_search import MOST_LINES, Query, search

LOG = "ok: web-1\nOK: Web-2\n\x1b[32mchan\x1b[0mged: web-3\n\ncafé\nCAFÉ\r\na.b\n".encode()


def lines(query: str, **options: bool) -> list[int]:
    return Query(query, **options).lines(LOG)


def test_upper_and_lower_case_are_the_same_unless_asked_otherwise():
    assert lines("web") == [0, 1, 2]
    assert lines("WEB") == [0, 1, 2]
    assert lines("web", case=True) == [0, 2]
    assert lines("café") == lines("CAFÉ") == [4, 5]
    assert lines("café", case=True) == [4]


def test_a_match_across_colours_is_found():
    assert lines("changed: web") == [2]
    assert lines("[32m") == []


def test_a_substring_is_no_pattern():
    assert lines("a.b") == [6]
    assert lines(".é") == []


def test_a_pattern_matches_within_a_line():
    assert lines(r"web-[12]", pattern=True) == [0, 1]
    assert lines(r"web-[12]", pattern=True, case=True) == [0]
    assert lines(r"^$", pattern=True) == [3]
    assert lines(r"É$", pattern=True) == [4, 5]
    assert lines(r"1\s+ok", pattern=True) == []
    assert lines(r"(?s)1.OK", pattern=True) == []
    assert lines(r"\Aok|b\z", pattern=True) == [0, 1, 6]
    assert lines(r"x*", pattern=True) == list(range(7))
    assert lines(r"a|b", pattern=True, case=True) == [0, 1, 2, 4, 6]


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(a", "missing )"),
        ("a)(b", "unexpected )"),
        ("(?=a)", "invalid perl operator"),
        ("a\\", "trailing \\"),
    ],
)
def test_a_pattern_that_is_refused_says_why(pattern, reason):
    with pytest.raises(ValueError, match=re.escape(reason)):
        Query(pattern, pattern=True)


@pytest.mark.parametrize("query", ["", "x" * 501])
def test_nothing_and_too_much_are_refused(query):
    with pytest.raises(ValueError, match=r"Enter|500"):
        Query(query)


def test_a_pattern_that_would_hold_a_backtracking_engine_is_harmless():
    assert Query(r"(a+)+$", pattern=True).lines(b"a" * 50_000 + b"b\n") == []


def test_the_total_counts_all_and_the_lines_are_the_first_2000_from_where_asked():
    texts = [(first, b"hit\nmiss\n" * 500) for first in range(0, 10_000, 1000)]
    found = search(texts, Query("hit"))
    assert (found.total, len(found.lines), found.more) == (5000, MOST_LINES, True)
    assert found.lines[:3] == [0, 2, 4]
    found = search(texts, Query("hit"), start=7001)
    assert (found.total, found.more) == (5000, False)
    assert found.lines == list(range(7002, 10_000, 2))


@settings(deadline=None)
@given(
    st.integers(),
    st.sampled_from(["a", "ab", "b$", "^a", "^", "x*", "[^a]b", "é", r"\Ab", "(?i)B"]),
    st.booleans(),
    st.booleans(),
)
def test_the_fast_way_finds_what_trying_line_by_line_finds(seed, query, pattern, case):
    rng = random.Random(seed)
    every = ["".join(rng.choices("aAbBxéÉ", k=rng.randint(0, 4))) for _ in range(200)]
    text = "".join(line + "\n" for line in every).encode()
    flags = 0 if case else re.IGNORECASE
    expected = re.compile(query if pattern else re.escape(query), flags)
    assert Query(query, pattern=pattern, case=case).lines(text) == [
        number for number, line in enumerate(every) if expected.search(line)
    ]
