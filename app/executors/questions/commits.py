"""Which commits lie between two of a repository."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.executors.questions.base import Look, NoAnswer
from app.executors.questions.repositories import AboutRepository
from app.executors.questions.source import Source
from app.lib.git import Git
from app.lib.git_errors import Broken
from app.lib.git_queries import NO_COMMIT, between
from app.lib.git_urls import UrlKind, check_commit

MOST = 50
GONE = "One of the commits is no longer in the repository: its history was rewritten"


@dataclass(frozen=True)
class Commits(AboutRepository):
    """What leads from the commit `before` to that of `run`?

    {"added": commits, "dropped": commits, "more": bool}, newest first, each with hash, author, at
    (ISO 8601) and message; dropped are those that `before` had and the later one has not.
    """

    before: str

    def answer(self, look: Look) -> dict[str, Any]:
        before, after = check_commit(self.before), check_commit(self.run.commit)
        git = self._git(look, before)
        try:
            added = between(git, before, after, MOST + 1)
            dropped = between(git, after, before, MOST + 1)
        except Broken as error:
            if any(sign in error.output.lower() for sign in (*NO_COMMIT, "invalid revision")):
                raise NoAnswer(GONE) from error
            raise
        more = len(added) > MOST or len(dropped) > MOST
        return {"added": added[:MOST], "dropped": dropped[:MOST], "more": more}

    def _git(self, look: Look, before: str) -> Git:
        source = Source(self.run, look)
        if source.url.kind is UrlKind.LOCAL:
            return Git(_owned(source.directory() / ".git"), source.settings)
        mirror, _ = source.commit()
        if not mirror.has(before):
            raise NoAnswer(GONE)
        return Git(mirror.path, mirror.settings)


def _owned(git_dir: Path) -> Path:
    """Like git itself, we read no repository that belongs to another user."""
    if git_dir.is_symlink() or not git_dir.is_dir() or git_dir.stat().st_uid != os.geteuid():
        raise NoAnswer("The directory is no git repository of the worker's own user")
    return git_dir
