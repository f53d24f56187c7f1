"""What a saved plan would do, asked of the tool that has saved it. No log has any of the answer."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from app.executors.execution import Execution
from app.executors.spec import Command, Reporter
from app.lib import plan_changes
from app.lib.plan_changes import PlanChanges, Unreadable

LARGEST = 64 << 20  # bytes of an answer
UNTOLD = "Only the log shows what the plan changes"
BEGINNING = "used the selected providers to generate the following execution"
# Terragrunt would make lines of its own log of it.
AS_IT_IS = {"TG_TF_FORWARD_STDOUT": "true", "TERRAGRUNT_FORWARD_TF_STDOUT": "true"}


class PlanText:
    """Listens to the output from here on, for the line where the log shows the plan."""

    def __init__(self, reporter: Reporter) -> None:
        self._first = self._beginning = -1
        reporter.on_line(self._take)

    @property
    def line(self) -> int:
        """Its number: where its words begin, else where the output does."""
        return max(0, self._first if self._beginning < 0 else self._beginning)

    def _take(self, number: int, _time: int, text: str) -> None:
        if self._first < 0:
            self._first = number
        if self._beginning < 0 and BEGINNING in text:
            self._beginning = number


def changes(
    execution: Execution, start: Command, program: Sequence[str], plan: Path
) -> PlanChanges | None:
    """What the plan would do; None where the tool does not tell it, the log says why.

    Raises Cancelled, and PreparationFailed at the time limit.
    """
    answer = asked(execution, start, [*program, "show", "-json", str(plan)])
    found = read(execution, answer) if answer is not None else None
    if found is None:
        execution.reporter.line(UNTOLD)
    return found


def read(execution: Execution, answer: bytes) -> PlanChanges | None:
    """What the answer says; None where nobody understands it, the log says why."""
    try:
        return plan_changes.parse(answer)
    except Unreadable as error:
        execution.reporter.line(f"The answer cannot be read: {str(error)[:200]}")
        return None


def asked(execution: Execution, start: Command, argv: Sequence[str]) -> bytes | None:
    """The answer of a command on its standard output, which is kept in memory alone.

    None where it fails, or tells more than LARGEST. Raises as Execution.prepare does.
    """
    with os.fdopen(os.memfd_create("answer"), "rb") as answer:
        env = {**start.env, **AS_IT_IS}
        code = execution.prepare(
            replace(start, argv=argv, env=env, tool=None, ended=str, stdout=answer.fileno())
        )
        size = os.fstat(answer.fileno()).st_size
        if code or size > LARGEST:
            what = f"ended with exit code {code}" if code else f"told more than {LARGEST >> 20} MB"
            execution.reporter.line(f"{argv[0]} {what}")
            return None
        answer.seek(0)
        return answer.read()
