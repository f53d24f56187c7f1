"""A check that finds nothing wrong proves something only if it finds what is wrong."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.chaos import truth
from tests.chaos.invariants import Seen, broken
from tests.chaos.load import LIMIT, SECRET, Load
from tests.chaos.product import PatientClient
from tests.chaos.truth import Attempt, most_at_once

KILLED = 1000.0
DIED = "The worker on here died while it ran this"


def attempt(task_id: int, start: float = 990.0, *, end: float | None = 999.0) -> Attempt:
    lines = tuple(start + number for number in range(3))
    return Attempt(task_id, 7, f"{task_id}.7.{start}", start, lines, end)


def said(*attempts: Attempt, count: int = 3) -> str:
    return "".join(f"line {one.name} {number}\n" for one in attempts for number in range(count))


def seen(*attempts: Attempt, output: str | None = None, **task: Any) -> Seen:
    """A round with one task, all well but for what is given."""
    load = Load(PatientClient(1), Path(), Path(), 3, limited=2, accepted=[1])
    shape = {"name": "alone", "allow_parallel_tasks": False, "rerun_if_lost": False}
    load.templates = [{"id": 5} | shape]
    row = {"id": 1, "template_id": 5, "project_id": 1, "status": "success", "end": "now"}
    told = said(*attempts) if output is None else output
    return Seen(load, [row | task], list(attempts), {1: told}, KILLED, slots=4)


def test_a_success_with_every_line_is_well() -> None:
    assert broken(seen(attempt(1))) == []


def test_what_was_cut_off_with_its_reason_is_well() -> None:
    cut = attempt(1, 998.0, end=None)
    assert broken(seen(cut, status="error", reason=DIED, output=said(cut, count=1))) == []


@pytest.mark.parametrize(
    ("round_", "sentence"),
    [
        (seen(attempt(1), status="running", end=None), "it has not ended"),
        (seen(attempt(1, end=None)), "its script has not succeeded"),
        (seen(attempt(1), status="stopped"), "nobody has stopped it"),
        (seen(attempt(1), status="error"), "nobody understands its reason: ''"),
        (seen(attempt(1, end=997.0), status="error", reason=DIED), "its script has succeeded"),
        (seen(status="error", reason=DIED), "it has failed and never ran"),
        (seen(attempt(1, end=None), status="error", reason=DIED), "cut off before anything"),
        (seen(attempt(1), attempt(1, 999.5, end=1003.0)), "it ran 2 times"),
        (seen(attempt(1), attempt(1, 995.0, end=1003.0)), "it ran twice at the same time"),
        (seen(attempt(1), output=said(attempt(1), count=2)), "2 lines of"),
        (seen(attempt(1), output=said(attempt(1), attempt(1))), "lost, doubled or out of order"),
        (seen(attempt(1), output=said(attempt(1), attempt(2))), "it has lines of"),
        (seen(attempt(1), output=said(attempt(1)) + SECRET), "its output shows a secret"),
    ],
)
def test_what_is_not_true_of_a_task_is_found(round_: Seen, sentence: str) -> None:
    assert any(sentence in text for text in broken(round_))


def test_a_task_that_has_vanished_is_found() -> None:
    found = seen(attempt(1), attempt(2))
    found.load.accepted.append(3)
    assert broken(found)[:2] == ["task 3 was accepted and is gone", "task 2 ran and is gone"]


def test_limits_that_are_exceeded_are_found() -> None:
    attempts = [attempt(number) for number in range(1, 6)]
    found = seen(*attempts)
    row, found.load.accepted = found.tasks[0], []
    found.tasks = [row | {"id": number, "project_id": 2} for number in range(1, 6)]
    found.outputs = {one.task_id: said(one) for one in attempts}
    assert broken(replace(found)) == [
        "5 tasks ran at once on 4 slots",
        f"5 tasks of the project with a limit of {LIMIT} ran at once",
        "5 tasks of template alone ran at once",
    ]


def test_who_follows_at_once_did_not_work_at_the_same_time() -> None:
    assert most_at_once([attempt(1), attempt(2, 999.0, end=None)]) == 1


def test_a_note_that_was_cut_off_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "4.12.99").write_text("10.5 start\n10.6 line\n10.7 li")
    assert truth.read(tmp_path) == [Attempt(4, 12, "4.12.99", 10.5, (10.6,), None)]
