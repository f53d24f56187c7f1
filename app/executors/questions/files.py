"""The files of a repository: at a commit of our copy, without a checkout, or where they lie."""

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

from app.executors.questions.base import Look, NoAnswer
from app.executors.scripts import Scripts
from app.lib.git import Git
from app.lib.git_errors import Broken
from app.lib.git_queries import Commit

MOST_ENTRIES = 2000  # of one directory
MOST_NAMES = 2000  # in a picker
LARGEST_TEXT = 256 * 1024  # bytes
LOOKED_AT = 50_000  # files in a directory of this machine

Entry = dict[str, Any]  # name, kind: directory, file, link or submodule; size of a file in bytes


class Files(Protocol):
    """`commit` is None where files are used as they lie on this machine."""

    commit: Commit | None

    def entries(self, path: str) -> list[Entry]: ...
    def content(self, path: str) -> bytes: ...
    def names(self, scripts: Scripts) -> list[str]: ...


def checked(path: str) -> str:
    """A path inside a repository ("" is its top). Raises NoAnswer for one that leads elsewhere."""
    parts = PurePosixPath(path).parts
    bad = "\0" in path or path.startswith("/") or ".." in parts or ".git" in parts[:1]
    if bad or len(path) > 4096:
        raise NoAnswer("The path must lie inside the repository")
    return "/".join(parts)


@dataclass
class FilesAtCommit:
    """`git` works in our copy of the repository."""

    git: Git
    commit: Commit | None

    @property
    def _hash(self) -> str:
        assert self.commit
        return self.commit.hash

    def entries(self, path: str) -> list[Entry]:
        try:
            listed = str(self.git.ls_tree("-z", "-l", f"{self._hash}:{path}"))
        except Broken as error:
            raise NoAnswer(f"There is no directory {path} at this commit") from error
        return [_entry(line) for line in listed.split("\0") if line]

    def content(self, path: str) -> bytes:
        """Raises NoAnswer if it is no file, or too large to be shown."""
        name = f"{self._hash}:{path}"
        try:
            if str(self.git.cat_file("-t", name)) != "blob":
                raise NoAnswer(f"{path} is not a file")
            size = int(str(self.git.cat_file("-s", name)))
        except Broken as error:
            raise NoAnswer(f"There is no file {path} at this commit") from error
        _refuse_large(path, size)
        return os.fsencode(str(self.git.cat_file("blob", name)))

    def names(self, scripts: Scripts) -> list[str]:
        if scripts.containing:
            return self._containing(scripts)
        listed = str(self.git.ls_tree("-r", "-z", "--name-only", self._hash))
        return [readable(name) for name in listed.split("\0") if name and scripts.fits(name)]

    def _containing(self, scripts: Scripts) -> list[str]:
        patterns = [f"*{ending}" for ending in scripts.endings]
        grep = ("-l", "-z", "-I", "-E", "-e", scripts.containing, self._hash, "--", *patterns)
        try:
            listed = str(self.git.grep(*grep))
        except Broken as error:
            if error.output:
                raise
            return []  # git has found nothing, which it calls a failure
        return [readable(name.partition(":")[2]) for name in listed.split("\0") if name]


@dataclass
class FilesInPlace:
    """A directory of this machine that serves as a repository; links are never followed out."""

    top: Path
    look: Look
    commit: Commit | None = None

    def entries(self, path: str) -> list[Entry]:
        directory = self._real(path)
        if not directory.is_dir():
            raise NoAnswer(f"There is no directory {path}")
        with os.scandir(directory) as found:
            return [_entry_of(item) for item in found if path or item.name != ".git"]

    def content(self, path: str) -> bytes:
        """Raises NoAnswer if it is no file, or too large to be shown."""
        file = self._real(path)
        if not file.is_file():
            raise NoAnswer(f"{path} is not a file")
        with file.open("rb") as opened:
            data = opened.read(LARGEST_TEXT + 1)
        _refuse_large(path, len(data))
        return data

    def names(self, scripts: Scripts) -> list[str]:
        return [readable(name) for name in self._below() if self._offers(name, scripts)]

    def _offers(self, name: str, scripts: Scripts) -> bool:
        if not scripts.fits(name) or not scripts.containing:
            return scripts.fits(name)
        self.look.check()
        file = self.top / name
        if file.is_symlink() or not file.is_file() or file.stat().st_size > LARGEST_TEXT:
            return False
        pattern = scripts.containing.replace("[[:space:]]", r"\s")
        return re.search(pattern, file.read_text(errors="replace"), re.MULTILINE) is not None

    def _below(self) -> Iterator[str]:
        count = 0
        for directory, below, names in os.walk(self.top):
            self.look.check()
            below[:] = sorted(name for name in below if name != ".git")
            count += len(names)
            if count > LOOKED_AT:
                return
            yield from (str(Path(directory, name).relative_to(self.top)) for name in sorted(names))

    def _real(self, path: str) -> Path:
        top = self.top.resolve()
        try:
            found = (top / path).resolve(strict=True)
        except (OSError, RuntimeError) as error:  # missing, or links in a circle
            raise NoAnswer(f"There is no {path} in this directory") from error
        if not found.is_relative_to(top) or ".git" in found.relative_to(top).parts[:1]:
            raise NoAnswer(f"{path} is a link that leads out of the repository")
        return found


def readable(name: str) -> str:
    """A file's name that can be shown, whatever bytes it consists of."""
    return os.fsencode(name).decode(errors="replace")


def _refuse_large(path: str, size: int) -> None:
    if size > LARGEST_TEXT:
        raise NoAnswer(f"{path} is larger than {LARGEST_TEXT // 1024} KB and is not shown")


def _entry(line: str) -> Entry:
    told, _, name = line.partition("\t")
    mode, kind, _, size = told.split()
    word = {"tree": "directory", "commit": "submodule"}.get(kind, "file")
    found: Entry = {"name": readable(name), "kind": "link" if mode == "120000" else word}
    return found | {"size": int(size)} if kind == "blob" else found


def _entry_of(item: os.DirEntry[str]) -> Entry:
    found: Entry = {"name": readable(item.name), "kind": "file"}
    if item.is_symlink():
        return found | {"kind": "link"}
    if item.is_dir(follow_symlinks=False):
        return found | {"kind": "directory"}
    told = item.stat(follow_symlinks=False)
    return found | ({"size": told.st_size} if stat.S_ISREG(told.st_mode) else {})
