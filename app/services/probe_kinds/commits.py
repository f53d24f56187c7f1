"""Looks at what was committed between two runs."""

from app.executors.questions import Question
from app.executors.questions.commits import Commits
from app.models import Repository
from app.services.probe_kinds.base import ProbeKind
from app.services.probe_kinds.repositories import CLONING, run_about, versions


def _commits(repository: Repository, before: str, after: str) -> Question:
    return Commits(run_about(repository, commit=after), before)


COMMITS = ProbeKind(Repository, _commits, versions, limit=CLONING)
