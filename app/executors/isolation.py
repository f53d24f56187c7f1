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

from app.executors.machine import EngineSettings
from app.executors.spec import Place, PreparationFailed
from app.lib import landlock
from app.lib.confinement import Confinement

AUTO, REQUIRED, OFF = "auto", "required", "off"
TEMPORARY = ("/tmp", "/var/tmp", "/dev/shm")  # noqa: S108  tools write there by name
CACHES = ("galaxy",)  # below the data directory, by project
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
    how = settings.isolation
    if how.mode == OFF:
        yield None
        return
    version = landlock.abi()
    if not version:
        if how.mode == REQUIRED:
            raise PreparationFailed(NO_LANDLOCK)
        yield Confinement()
        return
    written = _writable(settings, project_id, places, writable)
    readable = [mirror for place in places for mirror in place.mirrors]
    rules = landlock.ruleset(hidden(settings), readable, written, version, guarded=PROGRAM)
    try:
        yield Confinement(rules)
    finally:
        os.close(rules)


def hidden(settings: EngineSettings) -> list[Path]:
    """What no task may read: the server's data and configuration, and what the setting names."""
    return [settings.data_dir.resolve(), *settings.isolation.hidden]


def _writable(
    settings: EngineSettings, project_id: int, places: Sequence[Place], more: Iterable[Path]
) -> Iterator[Path]:
    for place in places:
        yield from (place.home.parent, place.directory)
    for cache in CACHES:
        yield settings.data_dir.resolve() / cache / str(project_id)
    yield from map(Path, TEMPORARY)
    yield from settings.isolation.writable
    yield from more


def own_directories(*names: str) -> tuple[Path, ...]:
    """Directories in the home that this process's user really has; made if they are missing.

    What ansible does on the machine itself goes by the user's home, not by HOME.
    """
    with suppress(KeyError, OSError):
        home = Path(pwd.getpwuid(os.geteuid()).pw_dir)
        for name in names:
            (home / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        return tuple(home / name for name in names)
    return ()
