"""A bare copy of a repository, kept up to date, that tasks borrow objects from."""

import difflib
import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryFile

from app.lib.file_lock import locked
from app.lib.git import Git, GitSettings
from app.lib.git_errors import Broken, GitError, RefMissing, Unreachable
from app.lib.git_local import state_of_refs
from app.lib.git_queries import NO_COMMIT, NO_REF, Commit, address, find_commit
from app.lib.git_urls import GitUrl, UrlKind, check_commit, check_ref
from app.lib.workspaces import remove

REFSPECS = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
LONGEST_PAUSE = 60.0
_CONFIG = "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n"


def mirror_name(url: GitUrl, key: str = "") -> str:
    """What tells the copies of one repository row apart: its address and its key have changed."""
    return hashlib.sha256(f"{url.text}\0{key}".encode()).hexdigest()[:16]


class Mirror:
    """The copy of `url` in the directory `path`, shared by all runs of a project.

    Only branches and tags are kept. Every writer holds the lock beside it, and so does its git.
    """

    def __init__(self, path: Path, url: GitUrl, settings: GitSettings) -> None:
        self.path = path
        self.url = url
        self.settings = settings
        self._git = Git(path, settings)
        self._waited = False

    @property
    def exists(self) -> bool:
        return (self.path / "HEAD").exists()

    @property
    def is_new(self) -> bool:
        """Whether nothing was fetched yet, so that the next refresh takes its time."""
        return not self._fetched.exists()

    @property
    def _fetched(self) -> Path:
        return self.path / "fetched"

    def refresh(self) -> None:
        """Bring it to what the repository has now; clone what is missing or broken.

        Another run's fetch that began after this call counts. Raises a GitError.
        """
        asked = time.time_ns()
        if self._is_current():
            return
        with self._writing() as settings:
            if self._fetched_since(asked):
                return
            existed = self.exists
            try:
                self._fetch_patiently(settings)
            except Broken as error:
                if not existed:
                    raise
                settings.say(f"The copy of the repository is damaged and is made anew: {error}")
                remove(self.path)
                self._fetch_patiently(settings)

    def remove(self) -> None:
        """Throw a damaged copy away; the next refresh clones anew."""
        with self._writing():
            remove(self.path)

    def load(self, history: bytes) -> None:
        """Fill it from a fast-import stream instead of an address, unless it holds just that."""
        version = hashlib.sha256(history).hexdigest()
        with self._writing() as settings:
            stamp = self.path / "version"
            if self.exists and stamp.exists() and stamp.read_text() == version:
                return
            remove(self.path)
            self._make_ready()
            git = Git(self.path, settings)
            with TemporaryFile() as stream:
                stream.write(history)
                stream.seek(0)
                git.fast_import("--quiet", "--done", istream=stream)
            git.pack_refs("--all")
            stamp.write_text(version)

    def has(self, commit: str) -> bool:
        """Whether this whole hash is here already, so that nothing needs to be fetched."""
        if len(commit) < 40 or not self.exists:
            return False
        try:
            self._git.cat_file("-e", f"{check_commit(commit)}^{{commit}}")
        except GitError:
            return False
        return True

    def fetch_commit(self, commit: str) -> None:
        """Get one commit that no branch or tag leads to; RefMissing where it does not exist."""
        with self._writing() as settings:
            try:
                self._fetch(settings, (check_commit(commit),))
            except Broken as error:
                raise RefMissing(f"Commit {commit} does not exist in {self.url.text}.") from error

    def resolve(self, branch: str, commit: str = "") -> Commit:
        """The commit named, else the branch, else the tag of this name; RefMissing if none is."""
        if commit:
            return self._commit(commit)
        for namespace in ("refs/heads", "refs/tags"):
            if found := find_commit(self._git, f"{namespace}/{check_ref(branch)}", NO_REF):
                return found
        raise RefMissing(
            f"There is no branch or tag “{branch}” in {self.url.text}.{self._similar(branch)}"
        )

    def names(self) -> list[str]:
        """All branches, then all tags."""
        listed = self._git.for_each_ref("--format=%(refname:lstrip=2)", "refs/heads", "refs/tags")
        return listed.splitlines()

    def _commit(self, commit: str) -> Commit:
        found = find_commit(self._git, check_commit(commit), NO_COMMIT)
        if found is None or not found.hash.startswith(commit.lower()):
            raise RefMissing(
                f"There is no commit {commit} in {self.url.text}.",
                hint="Give its whole hash, and make sure that it was pushed.",
            )
        return found

    def _similar(self, name: str) -> str:
        names = self.names()
        close = difflib.get_close_matches(name, names, n=3, cutoff=0.5) or names[:3]
        return f" Similar: {', '.join(close)}." if close else " It has no branches yet."

    @contextmanager
    def _writing(self) -> Iterator[GitSettings]:
        """Hold the lock; the settings yielded make git hold it as well."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = self.path.with_name(self.path.name + ".lock")
        with locked(file, self._wait_for_others) as handle:
            yield replace(self.settings, locks=(*self.settings.locks, handle))

    def _wait_for_others(self) -> None:
        if not self._waited:
            self.settings.say("Waiting for another run that fetches the same repository")
        self._waited = True
        self.settings.wait(0.05)

    def _fetched_since(self, asked: int) -> bool:
        return asked <= self._last_fetch()[0] <= time.time_ns()

    def _is_current(self) -> bool:
        """Whether a repository of this machine is known to have nothing new."""
        state = self._source_state() if self.exists else ""
        return bool(state) and state == self._last_fetch()[1]

    def _source_state(self) -> str:
        return state_of_refs(Path(self.url.path)) if self.url.kind is UrlKind.FILE else ""

    def _last_fetch(self) -> tuple[int, str]:
        """When it began (ns since 1970) and the state of the refs then, as far as it was known."""
        try:
            began, state = self._fetched.read_text().split(" ")
            return int(began), state
        except (OSError, ValueError):
            return 0, ""

    def _fetch_patiently(self, settings: GitSettings) -> None:
        """Fetch, and again after 1, 2, 4 … seconds where the network is to blame."""
        attempt, pause = 1, 1.0
        while True:
            began, state = time.time_ns(), self._source_state()
            try:
                self._fetch(settings, REFSPECS)
                break
            except Unreachable as error:
                if not error.retryable or attempt >= settings.attempts:
                    raise
                for line in error.output.splitlines():
                    settings.say(line)
                settings.say(f"Attempt {attempt} of {settings.attempts}; the next in {pause:g} s")
            settings.wait(pause)
            attempt, pause = attempt + 1, min(pause * 2, LONGEST_PAUSE)
        self._fetched.write_text(f"{began} {state}")

    def _fetch(self, settings: GitSettings, refspecs: tuple[str, ...]) -> None:
        self._make_ready()
        Git.check_unsafe_protocols(self.url.text)
        git = Git(self.path, settings, protocols=(self.url.kind,))
        git.fetch(
            "--prune",
            "--force",
            "--no-tags",
            "--no-progress",
            "--no-write-fetch-head",
            "--no-recurse-submodules",
            "--no-auto-maintenance",
            "--",
            address(self.url),
            *refspecs,
        )
        if git.said or not (self.path / "packed-refs").exists():
            # One file with all names: what a task's own clone gets to see is made from it.
            git.pack_refs("--all")
            git.gc("--auto", "--quiet")

    def _make_ready(self) -> None:
        if not self.exists:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._git.init("--bare", "--quiet", "--template=", "--initial-branch=main")
        config = self.path / "config"
        if config.read_text(errors="replace") != _CONFIG:
            config.write_text(_CONFIG)  # Whoever changed it: git executes what stands there.
        # We hold the lock, and a git that outlived its run would: these are of one that was killed.
        for stale in (*self.path.glob("*.lock"), *(self.path / "refs").rglob("*.lock")):
            stale.unlink()
