"""Every tool through a real worker: how it starts, what is kept of what it says, how it ends."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from app.db import transaction
from app.lib.git import SYSTEM_PATH
from app.models import Project, Task, TaskStatus, TaskTemplate
from app.schemas.apps import AppIn
from app.services import apps, task_output, tasks
from tests import factories
from tests.executors.contract.calls import Call, calls, deaf, install
from tests.executors.contract.outputs import OUTPUTS, saying
from tests.executors.contract.test_start import TYPED
from tests.executors.contract.tools import HOSTS, TOOLS, ToolCase
from tests.jobs.conftest import WorkerProcess, finishes, until
from tests.jobs.test_worker import gone, said

S = TaskStatus
pytestmark = [pytest.mark.processes, pytest.mark.timeout(400)]
SHORT = 40  # seconds with the preparation, which goes on for all tools at once


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    return tmp_path / "bin"


@pytest.fixture
def worker(app: Flask, programs: Path) -> Iterator[WorkerProcess]:
    """One that has the programs on its tasks' PATH and room for all tools at once."""
    settings = {
        "SEMAPHORE_ENV_VARS": json.dumps({"PATH": f"{programs}:{SYSTEM_PATH}"}),
        "HELIOGRAPH_STOP_GRACE": "2", "HELIOGRAPH_WORKER_SLOTS": str(len(TOOLS)),
        "OF_THE_SERVER": "not for tasks",
    }  # fmt: skip
    started = WorkerProcess(app, **settings)
    yield started
    started.end()


@pytest.fixture
def templates(project: Project, programs: Path, tmp_path: Path) -> Callable[..., dict]:
    """A template of each kind, its program behaving as it is told for that, by the app."""
    repository = factories.git_repository(tmp_path / "repo")
    for case in TOOLS.values():
        file = repository / case.file
        file.parent.mkdir(exist_ok=True)
        file.touch()
    factories.commit(repository, "Scripts")
    row = factories.repository(project, git_url=f"file://{repository}")
    hosts = factories.inventory(project, inventory=HOSTS.text)

    def make(behaviour: Callable[[str], str], **values: object) -> dict[str, TaskTemplate]:
        made = {}
        for case in TOOLS.values():
            text = behaviour(case.app)
            install(programs / case.program, tmp_path / case.app, case.first, text)
            made[case.app] = factories.template(
                project, case.app, app=case.app, playbook=case.script, repository_id=row.id,
                inventory_id=hosts.id if case.inventory else None,
                allow_any_vars_in_task=True, **values,
            )  # fmt: skip
        with transaction():
            zoe = factories.user("zoe")
            apps.put("ruby", AppIn(active=True), actor=zoe)
            own = AppIn(active=True, path=str(programs / "ansible-playbook"))
            apps.put("ansible", own, actor=zoe)
        return made

    return make


def command(folder: Path, tool: ToolCase) -> Call:
    [found] = [one for one in calls(folder) if not tool.first or one.argv[1] == tool.first]
    return found


def kept(task: Task) -> bytes:
    """The output from behind the last command line on."""
    raw = b"".join(task_output.raw(task))
    return raw.rpartition(b"\n$ ")[2].partition(b"\n")[2]


def pids_of(file: Path) -> list[int]:
    return [int(line) for line in file.read_text().split()]


def test_it_gets_what_was_asked_for_and_nothing_else(worker, templates, start, tmp_path) -> None:
    hidden = {"hidden": "s3cr3t-answer"}
    answers = {f"typed{n}": text for n, text in enumerate(TYPED)}
    asked = {"environment": json.dumps(answers), "secret": json.dumps(hidden)}
    started = {name: start(made, **asked) for name, made in templates(lambda _: "").items()}
    for name, task in started.items():
        assert (finishes(task).status, task.reason) == (S.SUCCESS, None), name
        tool, folder = TOOLS[name], tmp_path / name
        call = command(folder, tool)
        for variable, text in answers.items():
            assert str(tool.value(call, variable, secret=False)) == text, (name, variable)
        assert tool.value(call, "hidden", secret=True) == "s3cr3t-answer", name
        everything = calls(folder)
        assert not any("s3cr3t" in word for one in everything for word in one.argv), name
        assert not [one.env for one in everything if "OF_THE_SERVER" in one.env], name
        assert not {"SECRET_KEY", "REDIS_URL", "HELIOGRAPH_DATA_DIR"} & set(call.env), name
        inherited = {int(call.env[variable]) for variable in tool.inherits}
        assert set(call.fds) == {0, 1, 2} | inherited, name
        assert call.cwd.endswith(f"/checkout{tool.below}"), name
        assert b"s3cr3t" not in b"".join(task_output.raw(task)), name


def test_every_byte_is_kept(worker, templates, start) -> None:
    text = OUTPUTS["something awkward"]
    started = {name: start(made) for name, made in templates(lambda _: saying(text)).items()}
    for name, task in started.items():
        assert finishes(task).status == S.SUCCESS, name
        assert kept(task) == text + b"\n", name


@pytest.fixture
def numbers(tmp_path: Path) -> Callable[[str], Path]:
    """Where the processes of each tool note who they are."""
    return lambda app: tmp_path / f"pids-{app}"


def test_a_stop_ends_a_tree_that_hears_nothing(worker, templates, start, project, numbers) -> None:
    made = templates(lambda app: deaf(numbers(app)))
    started = {name: start(template) for name, template in made.items()}
    for name, task in started.items():
        until(lambda task=task: said(task, "up"))
        with transaction():
            tasks.stop(project, task.id, actor=None)
        assert (finishes(task).status, name) == (S.STOPPED, name)
        assert all(gone(pid) for pid in pids_of(numbers(name))), name


def test_so_does_the_time_limit(worker, templates, start, numbers) -> None:
    made = templates(lambda app: deaf(numbers(app)), max_duration=SHORT)
    started = {name: start(template) for name, template in made.items()}
    for name, task in started.items():
        assert (finishes(task).status, name) == (S.ERROR, name)
        assert task.reason == f"The time limit of the template, {SHORT} s, was reached", name
        found = pids_of(numbers(name))
        assert len(found) == 3 and all(gone(pid) for pid in found), name
