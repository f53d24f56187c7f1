"""Places where runs work: a few for each repository, lent to one run at a time, never deleted.

A place is cleaned instead of made anew, because making and deleting its files for each run
costs ten times as much.
"""

import os
import shutil
import stat
import subprocess
from collections.abc import Callable, Collection
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from app.lib.file_lock import try_lock

MOST = 256  # places of one pool


class NoPlace(Exception):
    """Every place of the pool is taken, or cannot be made usable."""


@dataclass
class Workspace:
    """A reserved place: `checkout`, and `home` and `tmp`, which are empty.

    `lock` is the descriptor that keeps it reserved. Whoever may outlive this process while
    something still works here (the guardian, git) is given a duplicate of it.
    """

    path: Path
    lock: int

    @property
    def checkout(self) -> Path:
        return self.path / "checkout"

    @property
    def home(self) -> Path:
        return self.path / "home"

    @property
    def tmp(self) -> Path:
        return self.path / "tmp"

    @property
    def kept(self) -> Path:
        """Beside the place: what we need of the last run's clone, out of the run's own reach."""
        return self.path.with_name(self.path.name + ".kept")

    def release(self) -> None:
        """Wipe what the run left in its home and give the place back."""
        try:
            empty(self.home)
            empty(self.tmp)
            os.ftruncate(self.lock, 0)
        finally:
            os.close(self.lock)


def reserve(pool: Path, mark: str, bury: Callable[[str], object]) -> Workspace:
    """Lend the first free place of the pool, clean but for its checkout; NoPlace if there is none.

    The lock's file holds the mark of the run that works there. Where it still does although the
    lock is free, everything that could hold it was killed: `bury(mark)` ends what is left.
    """
    pool.mkdir(parents=True, exist_ok=True, mode=0o700)
    for number in range(MOST):
        lock = try_lock(pool / f"{number}.lock")
        if lock is None:
            continue
        if last := os.pread(lock, 256, 0).decode(errors="replace"):
            bury(last)
        os.ftruncate(lock, 0)
        os.pwrite(lock, mark.encode(), 0)
        workspace = Workspace(pool / str(number), lock)
        if _usable(workspace):
            return workspace
        os.close(lock)
    raise NoPlace(f"No workspace can be had below {pool}")


def _usable(workspace: Workspace) -> bool:
    """Whether the place is made of our own, real directories, with home and tmp empty."""
    try:
        make_directory(workspace.path)
        make_directory(workspace.checkout)
        empty(workspace.home)
        empty(workspace.tmp)
    except OSError:
        return False
    return True


def make_directory(path: Path) -> None:
    """Make it a real directory that we may use, whatever a task has put there (a link, say)."""
    if not is_directory(path):
        path.unlink(missing_ok=True)
        path.mkdir(mode=0o700)
    elif stat.S_IMODE(path.lstat().st_mode) & 0o700 != 0o700:
        path.chmod(0o700)


def is_directory(path: Path) -> bool:
    """Whether it is a directory itself, not a link to one."""
    return not path.is_symlink() and path.is_dir()


def empty(directory: Path) -> None:
    """Make it an empty directory of ours, whatever lies there; OSError if that fails."""
    make_directory(directory)
    for path in list(directory.iterdir()):
        remove(path)


def remove(path: Path) -> None:
    """Delete a file, a link or a whole tree without following links; OSError if that fails."""
    if not is_directory(path):
        path.unlink(missing_ok=True)
        return
    try:
        shutil.rmtree(path)
    except (OSError, RecursionError):
        _remove_by_force(path)


def remove_unlocked(path: Path, locks: Collection[Path]) -> bool:
    """Delete a tree with its locks, wherever these lie; False if somebody holds one of them."""
    with ExitStack() as held:
        for file in locks:
            lock = try_lock(file)
            if lock is None:
                return False
            held.callback(os.close, lock)
        remove(path)
        for file in locks:
            file.unlink(missing_ok=True)
    return True


def _remove_by_force(path: Path) -> None:
    """For what a task has locked against us, or nested deeper than Python's stack is."""
    subprocess.run(["chmod", "-R", "u+rwX", "--", path], capture_output=True, check=False)
    done = subprocess.run(["rm", "-rf", "--", path], capture_output=True, check=False)
    if is_directory(path):
        raise OSError(f"{path} cannot be deleted: {done.stderr.decode(errors='replace')[:200]}")
