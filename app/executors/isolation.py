"""What a task may reach: all of the machine but the server, and of the server's data its own run.

Reading is everything but the hidden, writing nothing but the given: a task that may write where
the server executes is out. What the kernel cannot keep back is told in docs/security.md.
"""

import os
import pwd
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from app.executors import task_user
from app.executors.machine import EngineSettings
from app.executors.spec import Place, PreparationFailed
from app.lib import landlock
from app.lib.confinement import Confinement

AUTO, REQUIRED, OFF = "auto", "required", "off"
TEMPORARY = ("/tmp", "/var/tmp", "/dev/shm")  # noqa: S108  tools write there by name
CACHES = ("galaxy", "terraform", "python")  # below the data directory, by project
# What the server executes: nobody may write there, wherever it was installed.
PROGRAM = (Path(__file__).resolve().parents[2], Path(sys.prefix))
NO_LANDLOCK = (
    "TASK_ISOLATION is “required”, but this kernel cannot keep a task from reading the server: use "
    "one with Landlock (Linux 5.13), or allow it with TASK_ISOLATION=auto"
)


@contextmanager
def confined(
    settings: EngineSettings,
    project_id: int,
    places: Sequence[Place],
    writable: Iterable[Path] = (),
) -> Iterator[Confinement | None]:
    """What the commands of a run give up; None where isolation is off.

    `places` are all that the run holds, `writable` what it needs besides. Raises PreparationFailed
    where isolation is required and cannot be had.
    """
    how, user = settings.isolation, task_user.find(settings.isolation.user)
    if how.mode == OFF and not user:
        yield None
        return
    version = landlock.abi() if how.mode != OFF else 0
    if how.mode == REQUIRED and not version:
        raise PreparationFailed(NO_LANDLOCK)
    written = list(_writable(settings, project_id, places, writable))
    if user:
        data = settings.data_dir.resolve()
        task_user.hand_over(user, data, [path for path in written if path.is_relative_to(data)])
    uid, gid = (user.uid, user.gid) if user else (-1, -1)
    if not version:
        yield Confinement(user=uid, group=gid)
        return
    readable = [mirror for place in places for mirror in place.mirrors]
    rules = landlock.ruleset(hidden(settings), readable, written, version, guarded=PROGRAM)
    try:
        yield Confinement(rules, user=uid, group=gid)
    finally:
        os.close(rules)


def hidden(settings: EngineSettings) -> list[Path]:
    """What no task may read: the server's data and configuration, and what the setting names."""
    return [settings.data_dir.resolve(), *settings.isolation.hidden]


def _writable(
    settings: EngineSettings, project_id: int, places: Sequence[Place], more: Iterable[Path]
) -> Iterator[Path]:
    for place in places:
        yield from (place.home.parent, *((place.directory,) if place.is_writable else ()))
    for cache in CACHES:
        yield settings.data_dir.resolve() / cache / str(project_id)
    yield from map(Path, TEMPORARY)
    yield from settings.isolation.writable
    yield from more


def own_directories(settings: EngineSettings, *names: str) -> tuple[Path, ...]:
    """Directories in the home that the user of tasks really has; made if they are missing.

    What ansible does on the machine itself goes by the user's home, not by HOME.
    """
    user = task_user.find(settings.isolation.user)
    with suppress(KeyError, OSError):
        home = user.home if user else Path(pwd.getpwuid(os.geteuid()).pw_dir)
        made = tuple(home / name for name in names)
        for path in made:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if user:
            for top in {home / Path(name).parts[0] for name in names}:
                user.own(top)
        return made
    return ()
