"""Python packages that a template names, in an environment of their own for each content.

An environment (venv) names itself in its programs and cannot be moved. It is built where it stays,
under the name of its run, and a link under the name of its content leads to the newest whole one:
whoever uses an older one keeps it.
"""

import hashlib
import os
import re
import shutil
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from app.executors import unused
from app.executors.checkout import find_file
from app.executors.execution import Execution
from app.executors.galaxy_versions import MOST, NAME, VERSION
from app.executors.parameters import Parameter
from app.executors.phases import phase
from app.executors.python_troubles import Troubles
from app.executors.spec import Command, PreparationFailed

REQUIREMENTS, REFRESH = "python_requirements", "refresh_python"
PARAMETERS = (
    Parameter(REQUIREMENTS, "text", "Python packages",
              help="A file of the repository, such as requirements.txt. What it names is installed"
              " once, into an environment of its own."),
    Parameter(REFRESH, "flag", "Install Python packages anew", "allow_refresh_python",
              of_template=False, help="For packages without a fixed version."),
)  # fmt: skip
LARGEST = 1 << 20  # bytes of a requirements file
DEEPEST = 10  # files that name other files
_MORE = re.compile(r"^\s*(?:-r|--requirement|-c|--constraint)[\s=]+(\S+)", re.MULTILINE)
_INSTALLED = re.compile(r"([\w.]+)-([\w.+!]+)\.dist-info")


def provide(
    execution: Execution, env: Mapping[str, str], extra: Sequence[str] = ()
) -> dict[str, str]:
    """Install what the template's requirements file and `extra`, words for pip, name.

    Returns the variables that lead to it, PATH among them; none where nothing is named. What was
    installed before from the same text is used again. Raises PreparationFailed that says which
    package is at fault.
    """
    name = str(execution.spec.params.get(REQUIREMENTS) or "")
    if not name and not extra:
        return {}
    with phase(execution.reporter, "Packages"):
        file = find_file(name, execution.place, what="Requirements file") if name else None
        home = _find_or_build(execution, env, file, extra)
        execution.reporter.event("fact", name="requirements", value=versions(home))
    return {"VIRTUAL_ENV": str(home), "PATH": f"{home / 'bin'}:{env['PATH']}"}


def text_of(execution: Execution) -> str:
    """All that the template's requirements file says, with the files that it names."""
    name = str(execution.spec.params.get(REQUIREMENTS) or "")
    file = find_file(name, execution.place, what="Requirements file") if name else None
    return "\n".join(_texts(file, execution.place.directory)) if file else ""


def versions(home: Path) -> dict[str, str]:
    """Names and versions of the packages that are installed in an environment."""
    found: dict[str, str] = {}
    for entry in sorted(home.glob("lib/python*/site-packages/*.dist-info")):
        parts = _INSTALLED.fullmatch(entry.name)
        if parts and len(found) < MOST and NAME.fullmatch(parts[1]):
            found[f"package {parts[1]}"] = parts[2] if VERSION.fullmatch(parts[2]) else ""
    return found


def _find_or_build(
    execution: Execution, env: Mapping[str, str], file: Path | None, extra: Sequence[str]
) -> Path:
    spec, report = execution.spec, execution.reporter
    shown = file.relative_to(execution.place.directory.resolve()) if file else " ".join(extra)
    cache = spec.settings.data_dir.resolve() / "python" / str(spec.project_id)
    link = cache / _fingerprint(execution, file, extra)
    home = Path(os.path.realpath(link))
    if home.parent == cache and home.is_dir() and not spec.params.get(REFRESH):
        report.line(f"Python packages of {shown} are installed already")
        unused.touch(home)
        return home
    cache.mkdir(mode=0o700, parents=True, exist_ok=True)
    unused.remove(cache)
    home = cache / f"{link.name}-{spec.task_id}-{time.time_ns():x}"
    try:
        _build(execution, {**env, "PIP_CACHE_DIR": str(cache / "pip")}, home, file, extra)
    except BaseException:
        shutil.rmtree(home, ignore_errors=True)
        raise
    _point(link, home)
    return home


def _build(
    execution: Execution,
    env: Mapping[str, str],
    home: Path,
    file: Path | None,
    extra: Sequence[str],
) -> None:
    directory = execution.place.directory
    python = os.path.realpath(sys.executable)  # one that certainly can make environments
    troubles = Troubles(execution.reporter)
    make = [python, "-m", "venv", str(home)]
    if execution.prepare(Command(make, env, directory)):
        raise PreparationFailed(f"No Python environment could be made: {troubles.told()}")
    words = [str(home / "bin/python"), "-m", "pip", "install", "--no-input"]
    words += ["--disable-pip-version-check", *(("-r", str(file)) if file else ()), *extra]
    if execution.prepare(Command(words, env, directory)):
        raise PreparationFailed(f"The Python packages were not installed: {troubles.told()}")


def _point(link: Path, home: Path) -> None:
    """Let the content's name lead to this environment; of two that come at once the later."""
    fresh = home.with_name(f"{home.name}.link")
    fresh.symlink_to(home.name)
    fresh.replace(link)


def _fingerprint(execution: Execution, file: Path | None, extra: Sequence[str]) -> str:
    """The same texts for the same Python are the same."""
    texts = _texts(file, execution.place.directory) if file else ()
    parts = (os.path.realpath(sys.executable), sys.version, *extra, *texts)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]


def _texts(file: Path, top: Path, depth: int = 0) -> Iterator[str]:
    """A requirements file and those that it names, wherever they are in the checkout."""
    if depth > DEEPEST or not file.is_file() or not file.is_relative_to(top.resolve()):
        return
    if file.stat().st_size > LARGEST:
        raise PreparationFailed(f"{file.name} is larger than {LARGEST >> 20} MB")
    text = file.read_text(errors="replace")
    yield text
    for name in _MORE.findall(text):
        yield from _texts((file.parent / name).resolve(), top, depth + 1)
