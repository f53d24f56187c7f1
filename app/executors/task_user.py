"""Another user of the machine for tasks (TASK_USER): who it is, and what is made his.

Only a worker that is root can start tasks as somebody else.
"""

import os
import pwd
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from app.executors.spec import PreparationFailed


@dataclass(frozen=True)
class TaskUser:
    """The numbers of a user and of his group, and his home."""

    uid: int
    gid: int
    home: Path

    def own(self, tree: Path) -> None:
        """Give him a directory with all that is in it; links are not followed."""
        os.chown(tree, self.uid, self.gid, follow_symlinks=False)
        for folder, folders, files in os.walk(tree):
            for name in (*folders, *files):
                os.chown(Path(folder, name), self.uid, self.gid, follow_symlinks=False)

    def let_through(self, path: Path, top: Path) -> None:
        """Let him pass, and nothing else, from `top` down to the directory around `path`."""
        for folder in [*path.parents][::-1]:
            if folder.is_relative_to(top):
                folder.chmod(0o711)


def find(name: str) -> TaskUser | None:
    """The user of this name; None for no name. Raises PreparationFailed with what to do."""
    if not name:
        return None
    try:
        found = pwd.getpwnam(name)
    except KeyError as error:
        raise PreparationFailed(
            f"TASK_USER names {name}, whom this machine does not know: create that user"
        ) from error
    if os.geteuid() != 0:
        raise PreparationFailed(f"TASK_USER is {name}, but only a worker that is root can be that")
    return TaskUser(found.pw_uid, found.pw_gid, Path(found.pw_dir))


def hand_over(user: TaskUser, data: Path, trees: Iterable[Path]) -> None:
    """Make directories below the data directory his, and the way to them passable."""
    for tree in trees:
        if tree.is_dir():
            user.let_through(tree, data)
            user.own(tree)
