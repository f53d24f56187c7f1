"""What the original's socket said of whole runs is said by ours, or the difference is known."""

import json
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.models import FINISHED, Project, TaskTemplate
from tests import factories
from tests.jobs.conftest import WorkerProcess
from tests.live.parts import Client, Frame

pytestmark = [pytest.mark.processes]

RECORDED = Path(__file__).parents[1] / "golden" / "ws"
LAST_TICK = "tick 3"  # then a stop was asked for

HELLO = 'echo "hello from bash"\necho "to stderr" >&2\n'
FAIL = 'echo "about to fail"\nexit 3\n'
COLOURS = r"""
printf '\033[32mgreen ok\033[0m\n'
printf '\033[1;31mbold red\033[0m and plain\n'
printf 'unicode: žluťoučký kůň — 日本語 — 😀\n'
printf '\n'
printf 'tab\there\n'
printf '  leading and trailing spaces  \n'
printf 'carriage\rreturn\n'
printf 'long:'; head -c 20000 /dev/zero | tr '\0' 'x'; printf ':end\n'
printf 'no newline at the end'
"""
SLOW = 'for i in $(seq 1 60); do echo "tick $i"; sleep 1; done\n'

# How each run was recorded: what ran, how it was stopped, what it said before.
RUNS: dict[str, tuple[str, dict[str, bool] | None, list[str]]] = {
    "bash-success": (HELLO, None, ["hello from bash", "to stderr"]),
    "bash-error": (FAIL, None, ["about to fail"]),
    "bash-colours": (
        COLOURS,
        None,
        [
            "\x1b[32mgreen ok\x1b[0m",
            "\x1b[1;31mbold red\x1b[0m and plain",
            "unicode: žluťoučký kůň — 日本語 — 😀",
            "",
            "tab\there",
            "  leading and trailing spaces  ",
            "carriage\rreturn",
            f"long:{'x' * 20_000}:end",
            "no newline at the end",
        ],
    ),
    "bash-stopped": (SLOW, {"force": False}, ["tick 1", "tick 2", "tick 3"]),
    "bash-force-stopped": (SLOW, {"force": True}, ["tick 1", "tick 2", "tick 3"]),
}


@pytest.fixture
def worker(app: Flask) -> Iterator[WorkerProcess]:
    started = WorkerProcess(app)
    yield started
    started.end()


def recorded(name: str) -> list[Frame]:
    lines = (RECORDED / f"{name}.jsonl").read_text().splitlines()
    return [entry["message"] for entry in map(json.loads, lines) if "message" in entry]


def listed() -> dict[str, dict[str, str]]:
    """Recording -> difference -> reason."""
    found: dict[str, dict[str, str]] = {name: {} for name in RUNS}
    for rule in tomllib.loads((RECORDED / "differences.toml").read_text())["rule"]:
        for name in rule["where"]:
            found[name][rule["what"]] = rule["reason"]
    return found


def forms(frames: list[Frame]) -> dict[str, dict[str, set[str]]]:
    """Of each type of message its keys, and of each key the types of its values."""
    found: dict[str, dict[str, set[str]]] = {}
    for frame in frames:
        keys = found.setdefault(frame["type"], {})
        for key, value in frame.items():
            keys.setdefault(key, set()).add(type(value).__name__)
    return found


def states(frames: list[Frame]) -> list[str]:
    """Each change of state, with what it says of the time."""
    return [
        " ".join((f["status"], *(key for key in ("start", "end") if f[key])))
        for f in frames
        if f["type"] == "update"
    ]


def said(frames: list[Frame], texts: list[str]) -> list[str]:
    """Those of the texts that came, in their order."""
    return [f["output"] for f in frames if f["type"] == "log" and f["output"] in texts]


def differences(ours: list[Frame], theirs: list[Frame]) -> Iterator[str]:
    if forms(ours) != forms(theirs):
        yield f"forms: {forms(theirs)} → {forms(ours)}"
    if states(ours) != states(theirs):
        yield f"states: {', '.join(states(theirs))} → {', '.join(states(ours))}"


@pytest.fixture
def make(project: Project, tmp_path: Path) -> Callable[[str], TaskTemplate]:
    def template(script: str) -> TaskTemplate:
        path = factories.git_repository(tmp_path / "repo", run_sh=script)
        repository = factories.repository(project, git_url=f"file://{path}")
        return factories.template(project, playbook="run.sh", repository_id=repository.id)

    return template


def watch(socket: Client, api: FlaskClient, url: str, stop: dict[str, Any] | None) -> list[Frame]:
    """All messages up to the one with the end; a stop is asked for after the third line."""
    frames = []
    if stop is not None:
        frames = socket.until(lambda frame: frame.get("output") == LAST_TICK)
        assert api.post(f"{url}/stop", json=stop).status_code == 204
    return frames + socket.until(lambda f: f.get("status") in FINISHED and f["end"] is not None)


@pytest.mark.parametrize("name", RUNS)
def test_a_run_is_told_as_it_was_recorded(
    name: str,
    worker: WorkerProcess,
    connect: Callable[..., Client],
    browser: Callable[[str], FlaskClient],
    make: Callable[[str], TaskTemplate],
) -> None:
    script, stop, texts = RUNS[name]
    template = make(script)
    socket, alice = connect("/api/ws", browser("alice")), browser("alice")
    tasks = f"/api/project/{template.project_id}/tasks"
    task = alice.post(tasks, json={"template_id": template.id}).json
    frames = watch(socket, alice, f"{tasks}/{task['id']}", stop)
    assert said(frames, texts) == said(recorded(name), texts) == texts
    assert set(differences(frames, recorded(name))) == listed()[name].keys()


def test_every_difference_has_a_reason() -> None:
    reasons = [reason for of in listed().values() for reason in of.values()]
    assert all(reason.endswith(".") for reason in reasons)
