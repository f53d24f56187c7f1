"""Lines of the log: which fields they carry, and that nobody can forge one."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from app import logs


def record(message: str = "signed in", **extra: Any) -> logging.LogRecord:
    return logging.getLogger("app.test").makeRecord(
        "app.test", logging.INFO, "", 0, message, (), None, extra=extra
    )


@pytest.fixture(autouse=True)
def in_a_request() -> Iterator[None]:
    token = logs.request_id.set("abc")
    yield
    logs.request_id.reset(token)


def test_a_line_ends_with_the_ids_and_the_fields() -> None:
    line = logs.TextFormatter().format(record(user=7, empty=""))
    assert line.endswith("INFO app.test: signed in request=abc user=7")


def test_a_field_cannot_start_a_line_of_its_own() -> None:
    line = logs.TextFormatter().format(record(login="anna\nERROR app: all is lost\x1b[2J"))
    assert len(line.splitlines()) == 1
    assert line.endswith(r"login='anna\nERROR app: all is lost\x1b[2J'")


def test_a_traceback_follows_the_line_with_the_fields() -> None:
    try:
        _ = 1 // 0
    except ZeroDivisionError as error:
        failed = record("failed", task_id=3)
        failed.exc_info = (type(error), error, error.__traceback__)
    first, second, *_, last = logs.TextFormatter().format(failed).splitlines()
    assert first.endswith("failed request=abc task_id=3")
    assert second.startswith("Traceback")
    assert last.startswith("ZeroDivisionError")


def test_json_is_one_object_a_line() -> None:
    line = logs.JsonFormatter().format(record(login="anna\nbert"))
    assert "\n" not in line
    found = json.loads(line)
    assert found.pop("time")
    assert found == {
        "level": "INFO",
        "logger": "app.test",
        "message": "signed in",
        "request": "abc",
        "login": "anna\nbert",
    }


def test_request_ids_differ() -> None:
    assert len({logs.new_request_id() for _ in range(100)}) == 100
