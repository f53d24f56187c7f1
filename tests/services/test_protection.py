"""What the self-test has found, in words."""

from dataclasses import replace
from typing import Any

import pytest

from app.executors.self_test import Findings
from app.services import protection
from app.services.protection import Refusal


def told(**given: Any) -> dict[str, list[str]]:
    found = Findings(**{"mode": "auto", "landlock": 7, "tried": 20} | given)
    lines: dict[str, list[str]] = {}
    for line in protection.lines(found.facts):
        lines.setdefault(line.label, []).append(f"{line.state}: {line.text}")
    return lines


def test_isolated() -> None:
    assert told()["tasks"] == ["ok: isolated: Landlock ABI 7, self-test 20 of 20 refused"]
    assert set(told()) == {"tasks", "known", "limits"}


def test_another_user() -> None:
    lines = told(mode="off", landlock=0, user="tasks", reached=("a socket of the server",))
    assert lines["tasks"][0].startswith("ok: isolated: run as tasks, self-test 19 of 20 refused")
    assert lines["known"] == ["note: runs of tasks can read each other"]
    assert told(user="tasks")["tasks"][0].startswith("ok: isolated: run as tasks, Landlock ABI 7")


def test_an_older_kernel_leaves_signals_open() -> None:
    lines = told(landlock=3, reached=("signals to the server",))
    assert lines["tasks"][0].endswith("19 of 20 refused; tasks can signal the server")
    assert "6.12" in lines["fix"][0]


def test_no_landlock() -> None:
    lines = told(landlock=0, reached=("the server's secrets", "another run"))
    assert lines["tasks"] == ["bad: NOT isolated: a task can read the server"]
    assert lines["reached"] == ["note: the server's secrets, another run"]
    assert "Linux 5.13" in lines["fix"][0]


def test_switched_off() -> None:
    lines = told(mode="off", landlock=0, reached=("the server's secrets",))
    assert lines["tasks"][0].startswith("bad: NOT isolated, by setting")
    assert lines["fix"] == ["note: remove TASK_ISOLATION=off"]


@pytest.mark.parametrize("name", ["docker.sock", "Redis without a password"])
def test_what_is_open_beside_is_a_danger(name: str) -> None:
    lines = told(reached=(name,))
    assert lines["tasks"][0].startswith("ok") and name.split()[0] in lines["danger"][0]


def test_without_a_result_nothing_is_claimed() -> None:
    assert told(error="the self-test did not run: no room")["tasks"] == [
        "bad: unknown: the self-test did not run: no room"
    ]


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (Findings("required", 7, (), 20), ""),
        (Findings("required", 7, ("another run",), 20), "but tasks reach another run"),
        (Findings("required", 0, ("another run",), 20), "but this kernel cannot keep"),
        (Findings("required", 7, error="no room"), "but no room"),
    ],
)
def test_required_means_that_it_holds_or_nothing_starts(app, monkeypatch, found, reason) -> None:
    monkeypatch.setattr(protection, "examine", lambda: found)
    required = replace(app.config["HELIOGRAPH"], TASK_ISOLATION="required")
    monkeypatch.setitem(app.config, "HELIOGRAPH", required)
    monkeypatch.setattr(Refusal, "reason", "")
    protection.require()
    assert (reason in Refusal.reason) if reason else Refusal.reason == ""
