"""flask doctor: does everything work, and what can tasks reach?"""

import sys

import click
from flask.cli import with_appcontext

from app.executors import TOOLS
from app.extensions import settings
from app.lib import tools
from app.services import health, key_words, protection, workers
from app.version import VERSION

MARKS = {"ok": "ok", "note": "", "bad": "!!"}


@click.command("doctor")
@with_appcontext
def doctor() -> None:
    """Say what works and what does not; exit with 1 if something is broken."""
    click.echo(f"Heliograph {VERSION}, data in {settings().DATA_DIR.resolve()}")
    parts = health.check()
    for name, state in parts.items():
        _say("ok" if state == "ok" else "bad", name, state)
    for name, version in tools.versions(TOOLS).items():
        _say("note", name, version or "not installed")
    broken = any(state != "ok" for state in parts.values())
    for line in key_words.lines() if parts["database"] == "ok" else ():
        _say(line.state, line.label, line.text)
        broken = broken or line.state == "bad"
    for host, facts in _isolation(parts["database"]):
        for line in protection.lines(facts):
            _say(line.state, line.label, f"{line.text} ({host})")
            broken = broken or line.state == "bad"
    if broken:
        sys.exit(1)


def _isolation(database: str) -> list[tuple[str, dict[str, object]]]:
    """What the workers have found on their machines; without one, what this machine says."""
    found = workers.online() if database == "ok" else []
    told = [(worker.host, worker.facts["isolation"]) for worker in found
            if "isolation" in worker.facts]  # fmt: skip
    return told or [("this machine", protection.examine().facts)]


def _say(state: str, label: str, text: str) -> None:
    click.echo(f"{MARKS[state]:3}{label:12}{text}")
