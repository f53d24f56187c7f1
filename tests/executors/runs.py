"""Runs without server: a RunSpec with the least that makes it valid, and how it went."""

import itertools
from pathlib import Path
from typing import Any

import pytest

from app.executors import executor_of
from app.executors.machine import EngineSettings
from app.executors.outcome import Outcome
from app.executors.spec import PreparationFailed, RepositorySpec, RunSpec
from app.lib.process import Guardian
from tests.executors.reporters import ListReporter

_numbers = itertools.count(1)


def spec_of(data: Path, url: str, script: str = "hello.sh", **given: Any) -> RunSpec:
    """`settings`, a dict, changes the settings of the engine; `branch` is the repository's."""
    number = next(_numbers)
    settings = EngineSettings(**{"data_dir": data, "stop_grace": 0.5} | given.pop("settings", {}))
    repository = RepositorySpec(7, url, given.pop("branch", "main"), name="Scripts")
    values = {"task_id": number, "project_id": 1, "app": "bash", "mark": f"{data}#{number}"}
    return RunSpec(
        playbook=script, repository=repository, settings=settings, **values | given
    )  # fmt: skip


def run(spec: RunSpec, reporter: ListReporter | None = None) -> tuple[Outcome, ListReporter]:
    """Run it with a guardian of its own; what was reported comes back with the outcome."""
    reporter = reporter or ListReporter()
    guardian = Guardian.fork(spec.mark)
    try:
        return executor_of(spec.app)().run(spec, reporter, guardian), reporter
    finally:
        guardian.close()
        reporter.drain()


def refused(spec: RunSpec) -> str:
    """The reason why a run did not start; git's own words are in the log too."""
    told = ListReporter()
    with pytest.raises(PreparationFailed) as reason:
        run(spec, told)
    assert told.lines[-1] == f"Error: {reason.value}" and told.statuses == ["waiting"]
    return str(reason.value)
