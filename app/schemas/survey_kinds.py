"""The kinds of questions of a survey: what is an answer to each, and what is not.

An answer is checked here for pages, API and whoever else starts runs. A whole number, a number
and yes or no are made such, since forms, headers and links have texts only; all other answers reach
the tool as they were given.
"""

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from app.lib import git_urls, patterns
from app.lib.json_objects import NOT_FINITE, holds_nul, is_finite

Question = Mapping[str, Any]  # an entry of a template's survey_vars

NAME = r"[A-Za-z_][A-Za-z0-9_.-]*"  # of a variable: no option, and nothing that ends a name
NO_NUL = "Must not contain the character NUL"

_HOST = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]{0,254}")
_INTEGER = re.compile(r"[+-]?[0-9]{1,40}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"[0-9]{2}:[0-9]{2}(:[0-9]{2})?")
_DATETIME = re.compile(rf"{_DATE.pattern}T{_TIME.pattern}(Z|[+-][0-9]{{2}}:[0-9]{{2}})?")


@dataclass(frozen=True)
class Kind:
    """`read(answer)` makes a value that bounds are compared with; its ValueError says what would
    be an answer. `field` is the control that pages show.

    `bound` reads a minimum or maximum (None: it has none), of what `measure` makes of the value.
    `typed` makes an answer of a text, as forms and defaults have it.
    """

    title: str
    field: str
    read: Callable[[Any], Any]
    bound: Callable[[str], Any] | None = None
    measure: Callable[[Any], Any] = lambda value: value
    least: str = "Must be at least {}"
    most: str = "Must be at most {}"
    has_pattern: bool = False
    chooses: bool = False
    typed: Callable[[Any], Any] = lambda text: text


def of(question: Question) -> Kind:
    """The kind of a question; what is unknown is a text."""
    return KINDS.get(question.get("type") or "", KINDS[""])


def check(question: Question, answer: Any) -> None:
    """Raise ValueError that says which answers are allowed, where this one is not."""
    _check_data(answer)
    kind = of(question)
    value = kind.read(answer)
    if kind.chooses:
        _check_choice(question, value if isinstance(value, list) else [value])
    if kind.bound:
        _check_bounds(kind, question, kind.measure(value))
    if kind.has_pattern and (pattern := question.get("regex")):
        for part in value if isinstance(value, list) else [value]:
            if not patterns.fits(pattern, part):
                raise ValueError(f"Must match {pattern}")


def as_given_to_tools(question: Question, answer: Any) -> Any:
    """The answer in the type of its question, whichever way it came: "4" of a form is 4.

    What is no answer, as an empty text, stays as it is.
    """
    kind = of(question)
    return kind.typed(answer) if kind.field in ("integer", "number", "truth") else answer


def check_free(name: str, answer: Any) -> None:
    """Raise ValueError where a variable that nobody asks for is more than data to a tool."""
    if not re.fullmatch(NAME, name):
        raise ValueError("A variable is named with letters, digits and _")
    _check_data(answer)


def _check_data(answer: Any) -> None:
    if holds_nul(answer):
        raise ValueError(NO_NUL)
    if not is_finite(answer):
        raise ValueError(NOT_FINITE)


def is_missing(answer: Any) -> bool:
    """Whether an answer says nothing. No and zero are answers."""
    if isinstance(answer, list):
        return all(is_missing(part) for part in answer)
    return answer is None or (isinstance(answer, str) and not answer.strip())


def _check_choice(question: Question, chosen: list[str]) -> None:
    offered = [one.get("value", "") for one in question.get("values") or []]
    if source := question.get("source"):
        for one in chosen:
            _check_name(source, one)
        return
    if not offered:
        return
    if unknown := [one for one in chosen if one not in offered]:
        raise ValueError(f"{unknown[0][:80]!r} is not one of: {', '.join(offered)[:200]}")


def _check_name(source: str, name: str) -> None:
    """What is looked up may change meanwhile: any name of the right form is an answer."""
    if source in ("branches", "tags"):
        try:
            git_urls.check_ref(name)
        except git_urls.BadRef as error:
            raise ValueError(str(error)) from error
    elif not _HOST.fullmatch(name):
        raise ValueError("Must be the name of a host or group: web-1")


def _check_bounds(kind: Kind, question: Question, value: Any) -> None:
    assert kind.bound
    least, most = question.get("min") or "", question.get("max") or ""
    if least and value < kind.bound(least):
        raise ValueError(kind.least.format(least))
    if most and value > kind.bound(most):
        raise ValueError(kind.most.format(most))


def _text(answer: Any) -> str:
    """Clients give numbers for texts too; the tool gets them as they are."""
    if isinstance(answer, str):
        return answer
    if isinstance(answer, int | float):
        return json.dumps(answer)
    raise ValueError("Must be a text")


def _integer(answer: Any) -> int:
    if isinstance(answer, bool) or not _INTEGER.fullmatch(_numeric(answer)):
        raise ValueError("Must be a whole number")
    return int(answer)


def _number(answer: Any) -> Decimal:
    """Refuses digits that tools would never see: what is checked is what runs."""
    found = _decimal(answer)
    if isinstance(answer, str) and not _is_carried(answer):
        raise ValueError(f"Has too many digits: tools would get {float(answer)}")
    return found


def _is_carried(text: str) -> bool:
    """Whether the number of this text reaches a tool with all its digits."""
    return bool(_INTEGER.fullmatch(text)) or Decimal(repr(float(text))) == Decimal(text)


def _decimal(answer: Any) -> Decimal:
    if isinstance(answer, bool) or not _NUMBER.fullmatch(_numeric(answer)):
        raise ValueError("Must be a number: 1.5")
    if math.isinf(float(_numeric(answer))):
        raise ValueError(NOT_FINITE)
    return Decimal(_numeric(answer))


def _numeric(answer: Any) -> str:
    return str(answer) if isinstance(answer, str | float) or _is_short(answer) else ""


def _is_short(answer: Any) -> bool:
    """Longer ones are refused, and Python would not even write them down."""
    return isinstance(answer, int) and abs(answer) < 10**40


def _truth(answer: Any) -> bool:
    if isinstance(answer, bool):
        return answer
    if answer not in ("true", "false"):
        raise ValueError("Must be true or false")
    return bool(answer == "true")


def _texts(answer: Any) -> list[str]:
    found = answer if isinstance(answer, list) else [answer]
    if any(not isinstance(part, str) for part in found):
        raise ValueError("Must be a list of texts")
    if len(set(found)) < len(found):
        raise ValueError("Must name each choice once")
    return found


def _date(answer: Any) -> date:
    found = _shaped(answer, _DATE, "Must be a date: 2026-12-31")
    return _parsed(date.fromisoformat, found, "There is no such date")


def _time(answer: Any) -> time:
    found = _shaped(answer, _TIME, "Must be a time: 23:59")
    return _parsed(time.fromisoformat, found, "There is no such time")


def _datetime(answer: Any) -> datetime:
    """Without a zone it counts as UTC where it is compared."""
    found = _shaped(answer, _DATETIME, "Must be date and time: 2026-12-31T23:59")
    read = _parsed(datetime.fromisoformat, found, "There is no such date or time")
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _shaped(answer: Any, shape: re.Pattern[str], message: str) -> str:
    if not isinstance(answer, str) or not shape.fullmatch(answer):
        raise ValueError(message)
    return answer


def _parsed(parse: Callable[[str], Any], text: str, message: str) -> Any:
    try:
        return parse(text)
    except ValueError as error:
        raise ValueError(message) from error


def _length(text: str) -> int:
    length = _integer(text)
    if length < 0:
        raise ValueError("Must not be negative")
    return length


def _as_truth(text: Any) -> Any:
    return {"true": True, "false": False}.get(text, text) if isinstance(text, str) else text


def _as_integer(text: Any) -> Any:
    return int(text) if isinstance(text, str) and _INTEGER.fullmatch(text) else text


def _as_number(text: Any) -> Any:
    """With more digits than a float carries it stays a text, as defaults of old may have them."""
    if not isinstance(text, str) or not _NUMBER.fullmatch(text) or _INTEGER.fullmatch(text):
        return _as_integer(text)
    return float(text) if _is_carried(text) else text


def _as_list(text: Any) -> Any:
    return [part for part in text.split(",") if part] if isinstance(text, str) else text


LONG, SHORT = "At least {} characters", "At most {} characters"
BEFORE, AFTER = "Must not be before {}", "Must not be after {}"

_STRING = Kind("Text", "text", _text, _length, len, LONG, SHORT, has_pattern=True)
_WHOLE = Kind("Whole number", "integer", _integer, _integer, typed=_as_integer)

# By their words on the wire. The first eight are the original's; `string` and `integer` are
# synonyms that clients use.
KINDS: dict[str, Kind] = {
    "": _STRING,
    "string": _STRING,
    "int": _WHOLE,
    "integer": _WHOLE,
    "enum": Kind("One of a list", "choice", _text, has_pattern=True, chooses=True),
    "secret": Kind("Secret", "secret", _text, _length, len, LONG, SHORT, has_pattern=True),
    "text": Kind("Text of several lines", "area", _text, _length, len, LONG, SHORT,
                 has_pattern=True),
    "select": Kind("Several of a list", "choices", _texts, _length, len, "Choose at least {}",
                   "Choose at most {}", has_pattern=True, chooses=True, typed=_as_list),
    "number": Kind("Number", "number", _number, _decimal, typed=_as_number),
    "bool": Kind("Yes or no", "truth", _truth, typed=_as_truth),
    "date": Kind("Date", "date", _date, _date, least=BEFORE, most=AFTER),
    "time": Kind("Time", "time", _time, _time, least=BEFORE, most=AFTER),
    "datetime": Kind("Date and time", "datetime-local", _datetime, _datetime, least=BEFORE,
                     most=AFTER),
}  # fmt: skip
SYNONYMS = {"string": "", "integer": "int"}
