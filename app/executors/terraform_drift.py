"""What a run says that was started to see whether anything differs from the configuration."""

from dataclasses import replace

from app.executors.execution import Execution
from app.executors.outcome import Finding, Outcome
from app.executors.terraform_parameters import DRIFT
from app.lib import plan_counts
from app.lib.plan_changes import PlanChanges

NONE = "No drift"
FOUND = "Drift"


def told(execution: Execution, outcome: Outcome, changes: PlanChanges | None) -> Outcome:
    """The outcome with what was found, where the run was to look for it; the log says it too.

    Without changes that are known (None) there is some, and the log of the plan shows which.
    """
    if not execution.spec.params.get(DRIFT):
        return outcome
    finding = _finding(changes)
    execution.reporter.line(finding.words)
    return replace(outcome, finding=finding)


def _finding(changes: PlanChanges | None) -> Finding:
    if changes is not None and not changes.counts:
        return Finding(NONE)
    words = plan_counts.sentence(changes.counts) if changes else ""
    return Finding(f"{FOUND}: {words}" if words else FOUND, is_trouble=True)
