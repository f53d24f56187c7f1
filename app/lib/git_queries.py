"""Questions to a repository: its commits, branches and tags, here or on its server."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from app.lib.git import Git, GitSettings
from app.lib.git_errors import Broken, GitError, RefMissing
from app.lib.git_urls import GitUrl, UrlKind, check_ref

MESSAGE_LENGTH = 100
_DIGITS = re.compile(r"([0-9]{1,18})")
NO_REF = ("bad revision",)
NO_COMMIT = ("bad revision", "bad object")  # of a name, "bad object" means damage


@dataclass(frozen=True)
class Commit:
    """A commit and the first line of its message, cut to 100 characters."""

    hash: str
    message: str

    @property
    def short(self) -> str:
        return self.hash[:8]


def last_commit(git_dir: Path, settings: GitSettings) -> Commit | None:
    """What is checked out in somebody's own repository on this machine; None if git cannot tell.

    Like git itself, it reads no repository that belongs to another user.
    """
    try:
        if git_dir.stat().st_uid != os.geteuid():
            return None
        return find_commit(Git(git_dir, settings), "HEAD", NO_REF)
    except (GitError, OSError):
        return None


def find_commit(git: Git, name: str, missing: tuple[str, ...]) -> Commit | None:
    """The commit, or None where git's answer holds one of the texts that mean: no such thing."""
    try:
        line = str(git.log("-1", "--no-show-signature", "--format=%H%x00%s", name, "--"))
    except Broken as error:
        if any(sign in error.output for sign in missing):
            return None
        raise
    full, _, subject = line.partition("\0")
    text = subject.encode(errors="surrogateescape").decode(errors="replace")
    return Commit(full, text[:MESSAGE_LENGTH])


def between(git: Git, before: str, after: str, most: int) -> list[dict[str, str]]:
    """The newest commits that `after` has and `before` has not: hash, author, at, message."""
    found = git.log(
        f"--max-count={most}", "--no-show-signature", "-z", "--format=%H%x00%an%x00%aI%x00%s",
        f"{before}..{after}", "--",
    )  # fmt: skip
    words = _readable(str(found)).split("\0")
    rows = zip(*[iter(words)] * 4, strict=False)
    return [
        {"hash": hash, "author": author[:100], "at": at, "message": message[:MESSAGE_LENGTH]}
        for hash, author, at, message in rows
    ]


def address(url: GitUrl) -> str:
    """What git is given; it decodes %xx once, also in a path that was checked decoded."""
    return f"file://{quote(url.path)}" if url.kind is UrlKind.FILE else url.text


def ls_remote(url: GitUrl, name: str, settings: GitSettings) -> str:
    """The hash of a branch, else of a tag, without a clone; RefMissing if there is neither."""
    refs = _remote_refs(url, settings, f"refs/heads/{check_ref(name)}", f"refs/tags/{name}")
    for ref in (f"refs/heads/{name}", f"refs/tags/{name}"):
        if ref in refs:
            return refs[ref]
    raise RefMissing(f"There is no branch or tag “{name}” in {url.text}.")


def branches(url: GitUrl, settings: GitSettings) -> list[str]:
    """The names of all branches of a repository, sorted, without a clone."""
    refs = _remote_refs(url, settings, "refs/heads/*")
    return sorted(ref.removeprefix("refs/heads/") for ref in refs)


def tags(url: GitUrl, settings: GitSettings) -> list[str]:
    """The names of all tags of a repository, those with the highest numbers first."""
    refs = _remote_refs(url, settings, "refs/tags/*")
    names = {ref.removeprefix("refs/tags/").removesuffix("^{}") for ref in refs}
    return sorted(map(_readable, names), key=by_numbers, reverse=True)


def by_numbers(name: str) -> list[tuple[int, int | str]]:
    """What names of versions are sorted by: v1.10 comes after v1.9."""
    parts = (part for part in _DIGITS.split(name) if part)
    return [(1, int(part)) if _DIGITS.fullmatch(part) else (0, part) for part in parts]


@dataclass(frozen=True)
class Remote:
    """A repository as its server describes it; `default` is the branch that HEAD names, or ""."""

    default: str
    branches: list[str]
    commit: str  # of the name that was asked for; "" if it is neither branch nor tag


def look_at_remote(url: GitUrl, name: str, settings: GitSettings) -> Remote:
    """Branches and default branch in one request, and the hash of a branch or tag, if named."""
    tag = (f"refs/tags/{check_ref(name)}",) if name else ()
    refs = _remote_refs(url, settings, "HEAD", "refs/heads/*", *tag)
    heads = {ref.removeprefix("refs/heads/"): commit for ref, commit in refs.items()
             if ref.startswith("refs/heads/")}  # fmt: skip
    target = refs.get("HEAD", "").removeprefix("ref: ")
    default = target.removeprefix("refs/heads/") if target.startswith("refs/heads/") else ""
    commit = heads.get(name) or refs.get(f"refs/tags/{name}", "")
    return Remote(default, sorted(map(_readable, heads)), commit)


def _readable(name: str) -> str:
    return os.fsencode(name).decode(errors="replace")


def _remote_refs(url: GitUrl, settings: GitSettings, *patterns: str) -> dict[str, str]:
    """Hashes by name; of a symbolic one (HEAD) the name that it stands for: "ref: refs/…"."""
    git = Git(None, settings, protocols=(url.kind,))
    listed = str(git.ls_remote("--quiet", "--symref", "--", address(url), *patterns))
    found: dict[str, str] = {}
    for line in listed.splitlines():
        value, _, ref = line.partition("\t")
        found.setdefault(ref, value)  # the name comes before its hash
    return found
