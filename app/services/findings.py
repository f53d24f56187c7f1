"""What runs have found that were only to look."""

from app.executors.outcome import Finding
from app.models import Task
from app.services import events


def note(task: Task, finding: Finding) -> None:
    """Tell the project's activity of trouble; that there is none stands beside the run alone.

    It belongs into the transaction that ends the run.
    """
    if finding.is_trouble:
        events.record(task.project_id, None, task, f"found: {finding.words}", name=task.title)
