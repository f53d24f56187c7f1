"""Roles and collections that a repository requires, installed once for each content."""

import hashlib
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from app.executors import galaxy_versions, unused
from app.executors.execution import Execution
from app.executors.phases import phase
from app.executors.spec import Command, PreparationFailed
from app.lib.workspaces import remove

LARGEST = 1 << 20  # bytes of a requirements file
KINDS = ("collection", "role")
_FILES = {
    kind: (f"{kind}s/requirements.yml", f"{kind}s/requirements.yaml", "requirements.yml",
           "requirements.yaml")
    for kind in KINDS
}  # fmt: skip
_SECTION = {kind: re.compile(rf"^{kind}s\s*:", re.MULTILINE) for kind in KINDS}
_LIST = re.compile(r"^-\s", re.MULTILINE)  # the old form: a list of roles


def install(
    execution: Execution, program: str, env: Mapping[str, str], directories: Sequence[Path]
) -> dict[str, list[Path]]:
    """Install what the requirements files below these directories name.

    Returns the directories to search, by kind. What was installed before from the same text is
    used again, unless the run asks for `refresh_galaxy`. Raises PreparationFailed.
    """
    wanted = list(_wanted(directories))
    found: dict[str, list[Path]] = {kind: [] for kind in KINDS}
    if not wanted or execution.spec.params.get("skip_galaxy_install"):
        return found
    with phase(execution.reporter, "Requirements"):
        for kind, file in wanted:
            place = _install(execution, program, env, kind, file)
            found[kind].append(place)
            versions = galaxy_versions.of(kind, place)
            execution.reporter.event("fact", name="requirements", value=versions)
    return found


def _wanted(directories: Sequence[Path]) -> Iterator[tuple[str, Path]]:
    """Kind and file of all requirements, collections first, each file once for each kind."""
    for kind in KINDS:
        seen = set()
        for directory in directories:
            for name in _FILES[kind]:
                file = directory / name
                real = Path(os.path.realpath(file))
                if real not in seen and file.is_file() and _names(kind, file):
                    seen.add(real)
                    yield kind, file


def _names(kind: str, file: Path) -> bool:
    """Whether a requirements file says anything of this kind; one that is too large is refused."""
    if file.stat().st_size > LARGEST:
        raise PreparationFailed(f"{file.name} is larger than {LARGEST >> 20} MB")
    text = file.read_text(errors="replace")
    return bool(_SECTION[kind].search(text)) or (kind == "role" and bool(_LIST.search(text)))


def _install(
    execution: Execution, program: str, env: Mapping[str, str], kind: str, file: Path
) -> Path:
    spec, report = execution.spec, execution.reporter
    own = [str(word) for word in spec.params.get(f"galaxy_{kind}_args", ())]
    cache = spec.settings.data_dir.resolve() / "galaxy" / str(spec.project_id)
    place = cache / f"{kind}-{_fingerprint(program, file, own)}"
    shown = file.relative_to(execution.place.directory)
    if place.is_dir() and not spec.params.get("refresh_galaxy"):
        report.line(f"{kind.capitalize()}s of {shown} are installed already")
        unused.touch(place)
        return place
    fresh = cache / f"{kind}-{spec.mark}"
    fresh.mkdir(parents=True, mode=0o700)
    words = [program, kind, "install", "-r", str(file), "-p", str(fresh), "--force", *own]
    try:
        code = execution.prepare(Command(words, env, execution.place.directory))
        if code:
            raise PreparationFailed(f"The {kind}s of {shown} could not be installed")
        return _put(fresh, place)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _put(fresh: Path, place: Path) -> Path:
    """Make it the one that all use; of two that come at once the later one counts."""
    old = place.with_name(f"{fresh.name}.old")
    with suppress(FileNotFoundError):
        place.rename(old)
    fresh.rename(place)
    remove(old)
    return place


def _fingerprint(program: str, file: Path, own: Sequence[str]) -> str:
    """The same text, installed with the same arguments by the same ansible, is the same."""
    found = Path(shutil.which(program) or program).resolve()
    version = f"{found} {found.stat().st_mtime_ns}" if found.exists() else program
    parts = (version.encode(), file.read_bytes(), *(word.encode() for word in own))
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:24]
