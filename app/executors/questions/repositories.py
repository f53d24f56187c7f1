"""What a repository has: whether it can be reached, its branches, its files at a branch."""

from dataclasses import dataclass
from typing import Any

from app import demo
from app.executors.questions.base import Look, NoAnswer
from app.executors.questions.files import (
    MOST_ENTRIES,
    MOST_NAMES,
    Entry,
    Files,
    FilesAtCommit,
    FilesInPlace,
    checked,
)
from app.executors.questions.source import Source
from app.executors.scripts import ANY, Scripts
from app.executors.spec import RunSpec
from app.lib.git import Git
from app.lib.git_queries import look_at_remote, tags
from app.lib.git_urls import GitUrl, UrlKind

MOST_BRANCHES = 5000


@dataclass(frozen=True)
class AboutRepository:
    """A question about the repository of `run`, which is no run: it has neither task nor script."""

    run: RunSpec


@dataclass(frozen=True)
class Reachable(AboutRepository):
    """Can it be reached, and which branches does it have?

    {"default": branch, "branches": [names], "more": bool, "commit": hash of the repository's own
    branch or tag ("": it does not exist), "warning": text}; "directory": path, without branches,
    for a directory that is used in place.
    """

    def answer(self, look: Look) -> dict[str, Any]:
        source = Source(self.run, look)
        url = source.url
        if url.kind is UrlKind.LOCAL:
            return _told(url, directory=str(source.directory()))
        if url.kind is UrlKind.PACKAGED:
            return _told(url, default=demo.BRANCH, branches=[demo.BRANCH], commit=demo.BRANCH)
        with source.connected() as (checked_url, settings):
            found = look_at_remote(checked_url, self.run.branch, settings)
        names = found.branches
        return _told(
            url,
            default=found.default,
            branches=names[:MOST_BRANCHES],
            more=len(names) > MOST_BRANCHES,
            commit=found.commit,
        )


@dataclass(frozen=True)
class Tags(AboutRepository):
    """Which tags does it have: {"tags": [names], "more": bool}? A directory has none of its own."""

    def answer(self, look: Look) -> dict[str, Any]:
        source = Source(self.run, look)
        if source.url.kind in (UrlKind.LOCAL, UrlKind.PACKAGED):
            return {"tags": [], "more": False}
        with source.connected() as (checked_url, settings):
            names = tags(checked_url, settings)
        return {"tags": names[:MOST_BRANCHES], "more": len(names) > MOST_BRANCHES}


def _told(url: GitUrl, **found: Any) -> dict[str, Any]:
    empty = {"default": "", "branches": [], "more": False, "commit": "", "directory": ""}
    return empty | {"warning": url.warning} | found


@dataclass(frozen=True)
class AboutFiles(AboutRepository):
    """A question about the files at the branch, or commit, of `run`."""

    def files(self, look: Look) -> Files:
        source = Source(self.run, look)
        if source.url.kind is UrlKind.LOCAL:
            return FilesInPlace(source.directory(), look)
        mirror, commit = source.commit()
        return FilesAtCommit(Git(mirror.path, source.settings), commit)


@dataclass(frozen=True)
class Tree(AboutFiles):
    """What a directory holds: {"path", "entries": [Entry], "more": bool, "commit", "message"}."""

    path: str = ""

    def answer(self, look: Look) -> dict[str, Any]:
        path, files = checked(self.path), self.files(look)
        entries = sorted(files.entries(path), key=_directories_first)
        shown = {"entries": entries[:MOST_ENTRIES], "more": len(entries) > MOST_ENTRIES}
        return {"path": path} | shown | _commit(files)


@dataclass(frozen=True)
class Text(AboutFiles):
    """What a file says: {"path", "text", "binary": bool, "commit", "message"}."""

    path: str = ""

    def answer(self, look: Look) -> dict[str, Any]:
        path, files = checked(self.path), self.files(look)
        if not path:
            raise NoAnswer("Choose a file")
        data = files.content(path)
        is_binary = b"\0" in data
        text = "" if is_binary else data.decode(errors="replace")
        return {"path": path, "text": text, "binary": is_binary} | _commit(files)


@dataclass(frozen=True)
class ScriptNames(AboutFiles):
    """Which scripts a template could name: {"names": [paths], "more": bool, "commit", …}."""

    scripts: Scripts = ANY

    def answer(self, look: Look) -> dict[str, Any]:
        files = self.files(look)
        names = sorted(files.names(self.scripts))
        return {"names": names[:MOST_NAMES], "more": len(names) > MOST_NAMES} | _commit(files)


def _directories_first(entry: Entry) -> tuple[bool, str]:
    return entry["kind"] != "directory", entry["name"]


def _commit(files: Files) -> dict[str, str]:
    found = files.commit
    return {"commit": found.hash if found else "", "message": found.message if found else ""}
