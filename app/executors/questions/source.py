"""A repository as a look reaches it: the same way as a run, with the same keys and rules."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from app import demo
from app.executors import git
from app.executors.questions.base import Look, NoAnswer, Silent
from app.executors.spec import RunSpec
from app.lib.git import GitSettings
from app.lib.git_errors import AuthRefused
from app.lib.git_mirror import Mirror
from app.lib.git_queries import Commit
from app.lib.git_urls import GitUrl, UrlKind, parse_url


class Source:
    """The repository of `run`, which is no run: it has neither a task nor a script."""

    def __init__(self, run: RunSpec, look: Look) -> None:
        # Whoever asks can ask again, and sooner than git's pauses end: one attempt is enough.
        settings = replace(run.settings, git_attempts=1)
        self._run = replace(run, settings=settings, mark=look.mark)
        self._way = git.Source(self._run, Silent(), look.check)
        self.url: GitUrl = parse_url(run.repository.url)

    @property
    def settings(self) -> GitSettings:
        return self._way.settings

    def directory(self) -> Path:
        """Where files are used in place (LOCAL). Raises NoAnswer if nothing is there."""
        real = self._way.rules.check(self.url.path, in_place=True)
        if not real.is_dir():
            raise NoAnswer(
                f"The directory {self.url.path} does not exist on the machine of the worker: "
                "create it, or correct the repository's path"
            )
        return real

    @contextmanager
    def connected(self) -> Iterator[tuple[GitUrl, GitSettings]]:
        """The address to give to git, and how to start it, with what the key allows."""
        with self._opened() as mirror:
            yield mirror.url, mirror.settings

    def commit(self) -> tuple[Mirror, Commit]:
        """Our copy, brought up to date, and the commit that the branch or hash names there."""
        with self._opened() as mirror:
            return mirror, self._way.mending(mirror, lambda: self._resolve(mirror))

    @contextmanager
    def _opened(self) -> Iterator[Mirror]:
        """With the key ready; a server that refuses it is named, with the key, as in a run."""
        with self._way as way:
            way.access.open(self.url)
            try:
                yield way.mirror(self.url, self._run.repository.key)
            except AuthRefused as error:
                raise way.access.explain(error, self.url) from error

    def _resolve(self, mirror: Mirror) -> Commit:
        if not mirror.has(self._run.commit):
            self._way.update(mirror)
        packaged = demo.BRANCH if self.url.kind is UrlKind.PACKAGED else ""
        return mirror.resolve(self._run.branch or packaged, self._run.commit)
