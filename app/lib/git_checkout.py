"""A task's own clone, brought to an exact commit by cleaning what the last task left."""

import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from app.lib.git import Git, GitSettings
from app.lib.git_errors import Broken, GitError
from app.lib.git_mirror import Mirror
from app.lib.workspaces import is_directory, make_directory, remove

_CONFIG = """\
[core]
	repositoryformatversion = 0
	filemode = true
	bare = false
[remote "origin"]
	url = {url}
	fetch = +refs/heads/*:refs/remotes/origin/*
"""


class Checkout:
    """A directory that borrows its objects from a mirror (`git clone --shared`).

    `kept` lies outside of the task's directory and holds the index of the last checkout: its
    stat data tell what has been changed since. Everything in `.git` is ours before git reads it.
    Where tasks cannot read mirrors, the clone is not to `borrow` and gets copies of its objects.
    """

    def __init__(
        self, path: Path, kept: Path, settings: GitSettings, *, borrows: bool = True
    ) -> None:
        self._borrows = borrows
        self.path = path
        self.kept = kept
        self.git_dir = path / ".git"
        self._git = Git(self.git_dir, settings, work_tree=path)
        self._modes: dict[str, str] = {}

    def bring_to(self, mirror: Mirror, commit: str) -> None:
        """Make it exactly the commit, without a stray file; raises a GitError.

        What does not come out clean is deleted and cloned freshly.
        """
        try:
            self._clean(mirror, commit)
        except (GitError, OSError):
            self._renew(mirror, commit)

    def _renew(self, mirror: Mirror, commit: str) -> None:
        try:
            remove(self.path)
            remove(self.kept)
            self.path.mkdir(mode=0o700)
            self._clean(mirror, commit)
        except OSError as error:
            raise Broken(f"The workspace {self.path} cannot be written: {error}") from error

    def _clean(self, mirror: Mirror, commit: str) -> None:
        make_directory(self.path)
        make_directory(self.kept)
        self._write_git_dir(mirror, commit)
        self._git.read_tree("--reset", "-u", commit)
        self._sweep()
        shutil.copy2(self.git_dir / "index", self._index)

    @property
    def _index(self) -> Path:
        return self.kept / "index"

    def _write_git_dir(self, mirror: Mirror, commit: str) -> None:
        """A task may have planted a hook, a configuration or marks in the index: none survives."""
        remove(self.git_dir)
        self._give_objects(mirror)
        (self.git_dir / "refs").mkdir()
        (self.git_dir / "config").write_text(_CONFIG.format(url=_quoted(mirror.url.text)))
        (self.git_dir / "packed-refs").write_bytes(_remote_refs(mirror.path / "packed-refs"))
        (self.git_dir / "HEAD").write_text(f"{commit}\n")
        if self._index.exists():
            shutil.copy2(self._index, self.git_dir / "index")

    def _give_objects(self, mirror: Mirror) -> None:
        objects = self.git_dir / "objects"
        if not self._borrows:
            shutil.copytree(mirror.path / "objects", objects)
            return
        (objects / "info").mkdir(parents=True)
        (objects / "info" / "alternates").write_text(f"{mirror.path}/objects\n")

    def _sweep(self) -> None:
        """Delete everything that is not in the commit. `git clean` is not enough: it leaves
        pipes and sockets, and every `.git` below the top, which git in a task would obey."""
        self._modes = self._read_index()
        parents = {parent for path in self._modes for parent in _parents(path)}
        todo = [""]
        while todo:
            prefix = todo.pop()
            with os.scandir(self.path / prefix) as entries:
                found = [entry for entry in entries if prefix or entry.name != ".git"]
            for entry in found:
                name = prefix + entry.name
                if name in parents and entry.is_dir(follow_symlinks=False):
                    todo.append(name + "/")
                elif not self._belongs(entry, info := self._modes.get(name, "")):
                    remove(Path(entry.path))
                    if _is_submodule(info):
                        (self.path / name).mkdir()

    def _belongs(self, entry: os.DirEntry[str], info: str) -> bool:
        """Whether what lies there is of the kind that the commit has under this name.

        A submodule is brought to its commit later, if .gitmodules says where it comes from.
        """
        if not info:
            return False
        if _is_submodule(info):
            return ".gitmodules" in self._modes and entry.is_dir(follow_symlinks=False)
        return entry.is_symlink() or entry.is_file(follow_symlinks=False)

    def _read_index(self) -> dict[str, str]:
        """Mode and commit or blob of each path of the commit."""
        listed = self._git.ls_files("--stage", "-z")
        entries = (entry.partition("\t") for entry in listed.split("\0") if entry)
        return {path: info for info, _, path in entries}

    def submodules(self) -> list[tuple[str, str]]:
        """Path and commit of each submodule, in git's order; after `bring_to`."""
        if ".gitmodules" not in self._modes:
            return []
        return [
            (path, info.split()[1]) for path, info in self._modes.items() if _is_submodule(info)
        ]

    def submodule_urls(self) -> dict[str, str]:
        """The address of each path in the commit's .gitmodules, as it is written there."""
        listed = self._git.config("--blob", "HEAD:.gitmodules", "--list", "-z")
        values = dict(entry.split("\n", 1) for entry in listed.split("\0") if "\n" in entry)
        return {
            path: values.get(f"{name.removesuffix('.path')}.url", "")
            for name, path in values.items()
            if name.startswith("submodule.") and name.endswith(".path")
        }

    def submodule(self, path: str) -> "Checkout":
        """The clone of one submodule; Broken if something else leads out of this one there."""
        inside = self.path / path
        if inside.parent.resolve() != self.path.resolve() / Path(path).parent:
            raise Broken(f"Submodule {path} does not lie inside the repository")
        if not is_directory(inside):
            remove(inside)
        name = hashlib.sha256(path.encode(errors="surrogateescape")).hexdigest()[:16]
        kept = self.kept / name
        return Checkout(inside, kept, self._git.settings, borrows=self._borrows)


def _is_submodule(info: str) -> bool:
    return info.startswith("160000")


def _parents(path: str) -> Iterator[str]:
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def _remote_refs(packed: Path) -> bytes:
    """The mirror's branches and tags as a clone knows them: the branches are origin's."""
    if not packed.exists():
        return b""
    return packed.read_bytes().replace(b" refs/heads/", b" refs/remotes/origin/")


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
