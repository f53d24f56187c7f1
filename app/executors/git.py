"""From a repository's address to a directory in which the command can run."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Self, TypeVar

from app import demo
from app.executors.environment import from_settings
from app.executors.git_access import GitAccess
from app.executors.spec import Place, PreparationFailed, Reporter, RunSpec
from app.lib import workspaces
from app.lib.git import GitSettings
from app.lib.git_checkout import Checkout
from app.lib.git_errors import AuthRefused, Broken, GitError
from app.lib.git_local import LocalRules
from app.lib.git_mirror import Mirror, mirror_name
from app.lib.git_queries import Commit, last_commit
from app.lib.git_urls import (
    BadRef,
    BadUrl,
    GitUrl,
    UrlKind,
    check_commit,
    check_ref,
    join_url,
    parse_url,
)
from app.lib.process_tree import MARK, kill_marked
from app.lib.tools import Tool

TOOLS = {
    "git": Tool("Git", ("git",), hint="apt install git", needed=True),
    "ssh": Tool("OpenSSH", ("ssh",), ("-V",), "apt install openssh-client"),
}
T = TypeVar("T")
READ_ONLY = (
    "cannot write it where tasks are kept apart: HELIOGRAPH_LOCAL_REPOSITORIES does not name it"
)
DEEPEST = 10  # submodules within submodules


@contextmanager
def place(spec: RunSpec, reporter: Reporter, check: Callable[[], None]) -> Iterator[Place]:
    """The directory of a run, at its commit and reserved until the end of the `with`.

    `check` is called between all steps and while git works; what it raises ends them. Raises
    PreparationFailed with what to do; git's own last words are in the log then.
    """
    made, workspace = _explained(spec, reporter, check)
    try:
        yield made
    finally:
        with suppress(OSError):  # What cannot be wiped now is wiped before the next use.
            workspace.release()


def _explained(
    spec: RunSpec, reporter: Reporter, check: Callable[[], None]
) -> tuple[Place, workspaces.Workspace]:
    try:
        with Source(spec, reporter, check) as source:
            return source.make()
    except GitError as error:
        for line in error.output.splitlines():
            reporter.line(line)
        raise PreparationFailed(str(error)) from error
    except (BadUrl, BadRef, workspaces.NoPlace) as error:
        raise PreparationFailed(str(error)) from error
    except OSError as error:
        raise PreparationFailed(f"The workspace cannot be prepared: {error}") from error


class Source:
    """A run's repository and the way to it, with its key, until the end of the `with`.

    Raises BadUrl where the address is none.
    """

    def __init__(self, spec: RunSpec, reporter: Reporter, check: Callable[[], None]) -> None:
        self.spec, self.reporter, self.check = spec, reporter, check
        self.branch = spec.branch
        self.data = spec.settings.data_dir.resolve()
        self.rules = LocalRules(spec.settings.local_repositories, hidden=(self.data,))
        self.settings = GitSettings(
            env={**from_settings(spec.settings), MARK: spec.mark},
            attempts=spec.settings.git_attempts,
            check=check,
            say=reporter.line,
        )
        self.access = GitAccess(spec, reporter)
        self.url = parse_url(spec.repository.url)
        self._mirrors: list[Path] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.access.close()

    def make(self) -> tuple[Place, workspaces.Workspace]:
        """The place of the run. Raises PreparationFailed, GitError, BadRef, NoPlace, OSError."""
        try:
            return self._make(self.url)
        except AuthRefused as error:
            for line in error.output.splitlines():
                self.reporter.line(line)
            raise self.access.explain(error, self.url) from error

    def _make(self, url: GitUrl) -> tuple[Place, workspaces.Workspace]:
        if url.kind is UrlKind.LOCAL:
            return self._in_place(url)
        if url.kind is UrlKind.PACKAGED:
            self.branch = self.branch or demo.BRANCH
        check_commit(self.spec.commit) if self.spec.commit else check_ref(self.branch)
        self._announce(url)
        self.access.open(url)
        mirror = self.mirror(url, self.spec.repository.key)
        workspace = self._reserve(mirror.path.name)
        try:
            return self._check_out(mirror, workspace), workspace
        except BaseException:
            workspace.release()
            raise

    def _announce(self, url: GitUrl) -> None:
        what = f"commit {self.spec.commit}" if self.spec.commit else f"branch {self.branch}"
        self.reporter.line(f"Repository {url.text}, {what}")
        if url.warning:
            self.reporter.line(f"Warning: {url.warning}")

    def _reserve(self, name: str) -> workspaces.Workspace:
        pool = self.data / "workspaces" / str(self.spec.project_id) / name
        return workspaces.reserve(pool, self.spec.mark, kill_marked)

    # A directory of this machine, as it is.

    def _in_place(self, url: GitUrl) -> tuple[Place, workspaces.Workspace]:
        real = self.rules.check(url.path, in_place=True)
        if not real.is_dir():
            raise PreparationFailed(
                f"The directory {url.path} does not exist on this machine: create it, or correct "
                "the repository's path"
            )
        is_writable = self._is_named(real)
        change = "what they change stays" if is_writable else READ_ONLY
        self.reporter.line(f"Using {url.path} as it is. Runs share this directory, and {change}.")
        commit = last_commit(real / ".git", self.settings)
        if self.spec.must_be_newest:
            self._refuse_moved_on(commit)
        workspace = self._reserve(f"local-{self.spec.repository.id}")
        place = self._place(workspace, real, commit, url.path)
        return replace(place, is_writable=is_writable), workspace

    def _is_named(self, real: Path) -> bool:
        """Whether the administrator has named a directory around it: what anybody may name could
        be a home or /etc, where the server, or somebody else, would run what a task has written."""
        roots = self.spec.settings.local_repositories
        return any(root != Path("/") and real.is_relative_to(root.resolve()) for root in roots)

    def _place(
        self, workspace: workspaces.Workspace, directory: Path, commit: Commit | None, label: str
    ) -> Place:
        if commit:
            self.reporter.commit(commit.hash, commit.message)
        lent = (workspace.home, workspace.tmp, workspace.lock)
        return Place(directory, *lent, commit, label, tuple(self._mirrors))

    # A clone at a commit.

    def mirror(self, url: GitUrl, key: str = "") -> Mirror:
        name = f"{self.spec.repository.id}-{mirror_name(url, key)}"
        path = self.data / "mirrors" / str(self.spec.project_id) / name
        if url.kind is UrlKind.FILE:
            # What was checked is what git opens: the path without symbolic links.
            url = replace(url, path=str(self.rules.check(url.path)))
        self._mirrors.append(path)
        return Mirror(path, self.access.reached(url), self.access.settings(self.settings, url))

    def _check_out(self, mirror: Mirror, workspace: workspaces.Workspace) -> Place:
        settings = replace(self.settings, locks=(workspace.lock,))
        borrows = not self.spec.settings.isolation.user
        checkout = Checkout(workspace.checkout, workspace.kept, settings, borrows=borrows)
        commit = self.mending(mirror, lambda: self._bring(checkout, mirror))
        self._fill_submodules(checkout, self.url, 1)
        self.check()
        label = f"{self.branch} {commit.short}" if not self.spec.commit else commit.short
        self.reporter.line(f"Checked out {commit.short}: {commit.message}")
        return self._place(workspace, workspace.checkout, commit, label)

    def mending(self, mirror: Mirror, act: Callable[[], T]) -> T:
        """Do it, and if the mirror turns out to be damaged, do it again with a new one."""
        try:
            return act()
        except Broken as error:
            if "No space left" in error.output or not mirror.exists:
                raise
            self.reporter.line(f"{error} The copy of the repository is made anew.")
            mirror.remove()
            return act()

    def _bring(self, checkout: Checkout, mirror: Mirror) -> Commit:
        if self.spec.must_be_newest or not mirror.has(self.spec.commit):
            self.update(mirror)
        self.check()
        if self.spec.must_be_newest:
            self._refuse_moved_on(mirror.resolve(self.branch))
        commit = mirror.resolve(self.branch, self.spec.commit)
        self.check()
        checkout.bring_to(mirror, commit.hash)
        return commit

    def _refuse_moved_on(self, newest: Commit | None) -> None:
        """Raise PreparationFailed where the branch is not at the commit of the run any more."""
        if newest and newest.hash != self.spec.commit:
            raise PreparationFailed(
                f"{self.branch or 'The branch'} is at {newest.short} by now, and the plan was made "
                f"of {self.spec.commit[:8]}: nothing was applied. Run it again for a new plan"
            )

    def update(self, mirror: Mirror) -> None:
        if mirror.url.kind is UrlKind.PACKAGED:
            mirror.load(demo.history())
            return
        if mirror.is_new:
            self.reporter.line("Cloning it, as it has not been used before")
        mirror.refresh()

    def _fill_submodules(self, checkout: Checkout, parent: GitUrl, depth: int) -> None:
        found = checkout.submodules()
        urls = checkout.submodule_urls() if found else {}
        for path, commit in found:
            self.check()
            if depth > DEEPEST or not urls.get(path):
                raise PreparationFailed(f"Submodule {path} has no address, or is nested too deep")
            url = join_url(parent, urls[path])
            self.reporter.line(f"Submodule {path} from {url.text}")
            mirror, inner = self.mirror(url), checkout.submodule(path)
            self._bring_submodule(url, inner, mirror, commit)
            self._fill_submodules(inner, url, depth + 1)

    def _bring_submodule(
        self, url: GitUrl, checkout: Checkout, mirror: Mirror, commit: str
    ) -> None:
        try:
            self.mending(mirror, partial(_bring_submodule, checkout, mirror, commit))
        except AuthRefused as error:
            for line in error.output.splitlines():
                self.reporter.line(line)
            raise self.access.explain(error, url) from error


def _bring_submodule(checkout: Checkout, mirror: Mirror, commit: str) -> None:
    if not mirror.has(commit):
        mirror.refresh()
    if not mirror.has(commit):
        mirror.fetch_commit(commit)
    checkout.bring_to(mirror, commit)
