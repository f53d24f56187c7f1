"""Looks whether a schedule's repository has a new commit, and starts the run for it."""

from typing import Any

from app.clock import utcnow
from app.errors import NotFound
from app.executors.questions import Question
from app.executors.questions.repositories import Reachable
from app.models import Schedule
from app.services import schedule_starts
from app.services.probe_kinds import repositories
from app.services.probe_kinds.base import ProbeKind


def branch_of(schedule: Schedule) -> str:
    """The branch whose head is looked at: of the runs, where they use the same repository."""
    own = (schedule.task_params or {}).get("git_branch")
    template = schedule.template
    if template.repository_id == schedule.repository_id:
        own = own or template.git_branch
    return own or (schedule.repository.git_branch if schedule.repository else "")


def _head(schedule: Schedule) -> Question:
    if schedule.repository is None:
        raise NotFound("The schedule watches no repository any more")
    return Reachable(repositories.run_about(schedule.repository, branch_of(schedule)))


def _versions(schedule: Schedule) -> list[int]:
    """A change of anything that it rests on makes what was seen meaningless."""
    own = [schedule.lock_version, schedule.template.lock_version]
    return own + (repositories.versions(schedule.repository) if schedule.repository else [])


def _note(row_id: int, versions: list[int], answer: dict[str, Any] | None, flaw: str) -> None:
    """The first commit that is seen is only remembered. One that makes no run is seen again."""
    schedule = schedule_starts.hold(row_id)
    if schedule is None or not schedule.active or _versions(schedule) != versions:
        return
    commit = (answer or {}).get("commit", "")
    if not commit:
        missing = f"The repository has no branch {branch_of(schedule)} with commits to look for"
        schedule_starts.note(schedule, utcnow(), flaw or missing)
    elif schedule.last_commit_hash is None or (
        commit != schedule.last_commit_hash
        and schedule_starts.start(schedule, utcnow(), commit=commit)
    ):
        schedule.last_commit_hash = commit


HEAD = ProbeKind(Schedule, _head, _versions, note=_note)
