"""The files that a run leaves behind, and those of the build that it deploys.

Whatever lies in the directory was put there by a task: links are not followed, and only plain files
that nobody else has a name for are taken, each opened through the directories around it.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from app.executors.execution import Execution
from app.executors.spec import Place, Reporter, RunSpec

FOLDER, OF_BUILD = "artifacts", "build-artifacts"  # in the run's own temporary directory
STATS = "set_stats.json"  # a build's values among its files
OUTPUTS = "terraform_outputs.json"
MOST_FILES = 500
MOST_SEEN = 5_000  # files, and directories, that are looked at
DEEPEST = 20
LONGEST_NAME = 500  # bytes
Found = Iterator[tuple[str, BinaryIO | None, str]]  # path, file, why it is left out

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK


def folder(place: Place) -> Path:
    return place.tmp / FOLDER


def environment(spec: RunSpec, place: Place) -> dict[str, str]:
    """Where the run puts its files, and finds those of its build."""
    found = {"SEMAPHORE_ARTIFACTS": str(folder(place))} if spec.settings.artifacts else {}
    if spec.deploys_build:
        found["SEMAPHORE_BUILD_ARTIFACTS"] = str(place.tmp / OF_BUILD)
    return found


def prepare(spec: RunSpec, place: Place, reporter: Reporter) -> None:
    """Make the directory, and bring what the build has left."""
    if spec.settings.artifacts:
        folder(place).mkdir(mode=0o700)
    if not spec.deploys_build:
        return
    top = place.tmp / OF_BUILD
    top.mkdir(mode=0o700)
    count = 0
    for name, pieces in reporter.build_artifacts():
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or "\0" in name or not path.parts:
            continue
        file = top / path
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with file.open("wb") as opened:
            opened.writelines(pieces)
        count += 1
    if count:
        reporter.line(f"Artifacts of the build in SEMAPHORE_BUILD_ARTIFACTS: {count}")


def collect(execution: Execution) -> None:
    """Report each file; nothing of the run may work any more. What is left out is told."""
    reporter, room = execution.reporter, execution.spec.settings.artifacts
    top = _open(execution.place) if room else -1
    if top < 0:
        return
    most, count = room, 0
    with closing(_Directory(top)) as opened:
        for name, file, unfit in islice(_below(opened.handle, ""), MOST_SEEN):
            size = os.fstat(file.fileno()).st_size if file else 0
            if count >= MOST_FILES:
                reporter.line(f"Of the artifacts the first {MOST_FILES} are kept")
                break
            if size > room:
                unfit = f"the files of a run may take {most >> 20} MB"
            if reason := _keep(reporter, name, file, size, unfit):
                reporter.line(f"Artifact {_shown(name)} is not kept: {reason}")
            elif file:
                room, count = room - size, count + 1
    if count:
        reporter.line(f"Artifacts kept: {count}")


def _keep(reporter: Reporter, name: str, file: BinaryIO | None, size: int, unfit: str) -> str:
    """Why it is not kept; "" if it is, or is a directory."""
    if unfit or not file:
        return unfit
    return reporter.artifact(name, _Bounded(file, size), size)


class _Bounded:
    """A file up to the size that it had when it was opened; it may grow meanwhile."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self._size = file, size

    def seek(self, place: int) -> int:
        return self._file.seek(place)

    def read(self, most: int) -> bytes:
        return self._file.read(max(0, min(most, self._size - self._file.tell())))


class _Directory:
    """A descriptor that is closed."""

    def __init__(self, handle: int) -> None:
        self.handle = handle

    def close(self) -> None:
        os.close(self.handle)


def _open(place: Place) -> int:
    """The directory as it is now, reached without a link; -1 where the run has none left."""
    handle = os.open(place.home.parent, _DIRECTORY)
    for part in (place.tmp.name, FOLDER):
        with closing(_Directory(handle)) as around:
            try:
                handle = os.open(part, _DIRECTORY, dir_fd=around.handle)
            except OSError:
                return -1
    return handle


def _below(directory: int, path: str) -> Found:
    """Files, each open until the next one is asked for; what is none comes without, and why."""
    for entry in sorted(os.listdir(directory)):
        name = f"{path}{entry}"
        try:
            if reason := _unfit(name):
                yield name, None, reason
            elif stat.S_ISDIR(os.stat(entry, dir_fd=directory, follow_symlinks=False).st_mode):
                yield name, None, ""
                inner = os.open(entry, _DIRECTORY, dir_fd=directory)
                with closing(_Directory(inner)):
                    yield from _below(inner, f"{name}/")
            else:
                yield from _file(directory, entry, name)
        except OSError as error:
            yield name, None, error.strerror or "it cannot be read"


def _file(directory: int, entry: str, name: str) -> Found:
    """A link is not opened, and a device not waited for."""
    try:
        handle = os.open(entry, _FILE, dir_fd=directory)
    except OSError as error:
        yield name, None, "it is a link" if error.errno == errno.ELOOP else "it cannot be read"
        return
    with os.fdopen(handle, "rb") as file:
        reason = _strange(os.fstat(handle))
        yield name, None if reason else file, reason


def _unfit(name: str) -> str:
    if name.count("/") > DEEPEST:
        return "it lies too deep"
    if not name.isprintable() or "\\" in name or len(os.fsencode(name)) > LONGEST_NAME:
        return "its name cannot be kept"
    return ""


def _strange(found: os.stat_result) -> str:
    """A second name may be that of somebody else's file."""
    if not stat.S_ISREG(found.st_mode):
        return "it is no plain file"
    return "it has a second name (a hard link)" if found.st_nlink != 1 else ""


def _shown(name: str) -> str:
    return os.fsencode(name).decode(errors="replace")[:LONGEST_NAME]
