"""What a run says that was only to look: whether anything differs, or what a plan would change."""

from dataclasses import replace

from app.executors.execution import Execution
from app.executors.outcome import Finding, Outcome
from app.executors.terraform_parameters import DRIFT, looks_only
from app.lib import plan_counts
from app.lib.plan_changes import PlanChanges

NONE = "No drift"
FOUND = "Drift"
PLANNED = "Plan only"
NOTHING = "nothing to change"


def told(execution: Execution, outcome: Outcome, changes: PlanChanges | None) -> Outcome:
    """The outcome with what was found, where the run was only to look; the log says it too.

    Without changes that are known (None) there is some, and the log of the plan shows which.
    """
    if not looks_only(execution.spec.params):
        return outcome
    finding = (_drift if execution.spec.params.get(DRIFT) else _plan)(changes)
    execution.reporter.line(finding.words)
    return replace(outcome, finding=finding)


def _plan(changes: PlanChanges | None) -> Finding:
    words = plan_counts.sentence(changes.counts) or NOTHING if changes else ""
    return Finding(f"{PLANNED}: {words}" if words else PLANNED)


def _drift(changes: PlanChanges | None) -> Finding:
    if changes is not None and not changes.counts:
        return Finding(NONE)
    words = plan_counts.sentence(changes.counts) if changes else ""
    return Finding(f"{FOUND}: {words}" if words else FOUND, is_trouble=True)
