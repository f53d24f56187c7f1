"""Which directories of this machine may serve as repositories."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app.lib.git_urls import BadUrl

# Where a link or a pointer to another repository may stand in a git directory. Objects below
# objects/xx are not looked at: to link one, its hash must be known already.
_LINKED = ("", "objects", "objects/pack", "objects/info", "refs", "refs/heads", "refs/tags")
MOST_LOOSE_REFS = 300
_POINTERS = ("objects/info/alternates", "commondir")


@dataclass(frozen=True)
class LocalRules:
    """`roots`: local repositories lie below one of them. `hidden`: and never in one of these
    (the server's data: another project's clones, the database, the keys)."""

    roots: tuple[Path, ...] = (Path("/"),)
    hidden: tuple[Path, ...] = ()

    def check(self, path: str, *, in_place: bool = False) -> Path:
        """The directory without symbolic links; BadUrl where it may not be used.

        `in_place`: tasks will run in it, so it may not contain the server's data either, and has
        to have files. It need not exist: that is found out, and said, by whoever opens it.
        """
        real = _real(path)
        if self._is_hidden(real):
            raise BadUrl(f"{path} belongs to the server's own data and cannot be a repository")
        if in_place and any(_real(hidden).is_relative_to(real) for hidden in self.hidden):
            raise BadUrl(f"{path} contains the server's own data: tasks cannot run in it")
        if not any(real.is_relative_to(_real(root)) for root in self.roots):
            allowed = ", ".join(map(str, self.roots)) or "nowhere"
            raise BadUrl(f"{path} is outside of where local repositories may lie: {allowed}")
        if any(self._is_hidden(target) for target in _leads_to(real)):
            raise BadUrl(f"{path} links into the server's own data and cannot be a repository")
        if in_place and _is_bare(real):
            raise BadUrl(
                f"{path} is a bare repository, without files that a run could use in place. For a "
                f"clone of it write file://{path}"
            )
        return real

    def _is_hidden(self, path: Path) -> bool:
        return any(path.is_relative_to(_real(hidden)) for hidden in self.hidden)


def _real(path: str | Path) -> Path:
    """Without links; one that runs in a circle stays as it is (`Path.resolve` would raise)."""
    return Path(os.path.realpath(path))


def _is_bare(path: Path) -> bool:
    """As git tells it, of what this process may see."""
    with suppress(OSError):
        parts = (path / "HEAD").is_file(), (path / "objects").is_dir(), (path / "refs").is_dir()
        return all(parts) and not (path / ".git").exists()
    return False


def state_of_refs(path: Path) -> str:
    """A hash over all branches and tags of a repository here, or "" where only git can tell.

    As long as it is the same, a fetch brings nothing new; reading it costs a twentieth.
    """
    git_dir = path / ".git" if (path / ".git").is_dir() else path
    if not (git_dir / "refs" / "heads").is_dir() or (git_dir / "reftable").exists():
        return ""
    digest = hashlib.sha256()
    try:
        for file in _ref_files(git_dir):
            content = file.read_bytes()
            if content.startswith(b"ref:"):  # It may point to where we do not look.
                return ""
            digest.update(b"%s\0%s\0" % (os.fsencode(file), content))
    except (OSError, ValueError):
        return ""
    return digest.hexdigest()


def _ref_files(git_dir: Path) -> Iterator[Path]:
    """The files that hold names; ValueError if there are too many to be worth it."""
    if (git_dir / "packed-refs").exists():
        yield git_dir / "packed-refs"
    count = 0
    for top in ("heads", "tags"):
        for directory, _, names in os.walk(git_dir / "refs" / top):
            count += len(names)
            if count > MOST_LOOSE_REFS:
                raise ValueError("too many loose refs")
            yield from (Path(directory, name) for name in sorted(names))


def _leads_to(path: Path) -> Iterator[Path]:
    """Where git would look beyond this directory: links, a .git file, borrowed objects."""
    for directory in (path, path / ".git", *_pointed(path / ".git", "gitdir:")):
        yield _real(directory)
        for name in _LINKED:
            yield from _links(directory / name)
        for name in _POINTERS:
            yield from _pointed(directory / name, "")


def _links(directory: Path) -> Iterator[Path]:
    try:
        with os.scandir(directory) as entries:
            found = [Path(entry.path) for entry in entries if entry.is_symlink()]
    except OSError:
        return
    yield from map(_real, found)


def _pointed(file: Path, prefix: str) -> Iterator[Path]:
    """The paths that a small text file names, one a line, relative to where git reads them."""
    try:
        lines = file.read_text(errors="surrogateescape").splitlines()
    except OSError:
        return
    base = file.parent.parent if file.name == "alternates" else file.parent
    yield from (
        _real(base / line.removeprefix(prefix).strip())
        for line in lines
        if line.startswith(prefix) and line.strip()
    )
