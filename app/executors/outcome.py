"""How a run has ended, as its executor tells it."""

from dataclasses import dataclass

from app.executors.saved_plan import SavedPlan


@dataclass(frozen=True)
class Finding:
    """What a run that was only to look has found, in a few words; `is_trouble`: not what was
    hoped for."""

    words: str
    is_trouble: bool = False


@dataclass(frozen=True)
class Outcome:
    """How the command ended, its output stored. `reason` is for a person; None after success.

    A script that was ended at the time limit may still exit with 0: ask `succeeded`. `awaits`:
    nothing was changed yet, somebody has to approve this first. `finding`: nothing was to be
    changed, and this is what came of looking. `if_stopped`: what there is to know where somebody
    has stopped it, "" if nothing.
    """

    exit_code: int
    reason: str | None = None
    awaits: SavedPlan | None = None
    finding: Finding | None = None
    if_stopped: str = ""

    @property
    def succeeded(self) -> bool:
        return self.exit_code == 0 and self.reason is None
