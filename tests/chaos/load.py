"""What a round puts into the product: projects with limits, templates, tasks that run and wait."""

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.chaos.product import AWAY, PatientClient, Product
from tests.factories import git_repository

SECRET = "a-secret-that-must-not-stay"
LIMIT = 3  # runs that the project with a limit may have at once
FAILS = 3  # the exit code of the script that fails


@dataclass
class Load:
    """One round's projects and templates, and the ids of the tasks that the server has accepted."""

    client: PatientClient
    truth: Path  # the folder that the scripts note into
    repository: Path
    lines: int  # that each script says
    limited: int = 0  # the project with a limit
    projects: list[int] = field(default_factory=list)
    templates: list[dict[str, Any]] = field(default_factory=list)
    accepted: list[int] = field(default_factory=list)
    stopped: list[int] = field(default_factory=list)

    def make(self) -> None:
        """Three projects: one with a limit, one whose templates run one task at a time, one whose
        templates start again what was lost."""
        self.limited = self._project("Limited", max_parallel_tasks=LIMIT)
        for number in range(4):
            self._template(self.limited, f"parallel {number}", allow_parallel_tasks=True)
        alone = self._project("One at a time")
        for number in range(4):
            self._template(alone, f"alone {number}")
        self._template(alone, "fails", code=FAILS)
        again = self._project("Started again")
        for number in range(2):
            shape = {"allow_parallel_tasks": True, "rerun_if_lost": True}
            self._template(again, f"again {number}", **shape)

    def _project(self, name: str, **values: Any) -> int:
        made = self.client.call("POST", "/projects", {"name": name} | values)["id"]
        self.projects.append(made)
        return made

    def _template(self, project: int, name: str, *, code: int = 0, **values: Any) -> None:
        path = f"/project/{project}"
        key = self.client.call("GET", f"{path}/keys")[0]["id"]
        place = {"name": name, "git_url": f"file://{self.repository}", "git_branch": "main"}
        place |= {"project_id": project, "ssh_key_id": key}
        secret = {"operation": "create", "type": "env", "name": "CHAOS_SECRET", "secret": SECRET}
        group = {"project_id": project, "name": name, "json": "{}", "secrets": [secret]}
        arguments = f'["{self.truth}", "{self.lines}", "{code}"]'
        shape = {"project_id": project, "name": name, "app": "bash", "playbook": "work.sh"}
        shape |= {"arguments": arguments} | values
        shape["repository_id"] = self.client.call("POST", f"{path}/repositories", place)["id"]
        shape["environment_ids"] = [self.client.call("POST", f"{path}/environment", group)["id"]]
        self.templates.append(self.client.call("POST", f"{path}/templates", shape))

    def start(self, number: int) -> int:
        """Start the nth task; raises if the server does not accept it."""
        template = self.templates[number % len(self.templates)]
        path = f"/project/{template['project_id']}/tasks"
        task_id = self.client.call("POST", path, {"template_id": template["id"]})["id"]
        self.accepted.append(task_id)
        return task_id

    def hold(self) -> None:
        """Let no script end, so that what is to be killed holds one however slow the machine is."""
        (self.truth / "hold").touch()

    def release(self) -> None:
        (self.truth / "hold").unlink()

    def stop(self, task: dict[str, Any]) -> None:
        """Ask for the end of a task; what came of it the invariants tell."""
        self.client.call("POST", f"/project/{task['project_id']}/tasks/{task['id']}/stop", {})
        self.stopped.append(task["id"])

    def tasks(self) -> list[dict[str, Any]]:
        """All tasks of the round, as the API lists them."""
        lists = (self.client.call("GET", f"/project/{project}/tasks") for project in self.projects)
        return [task for tasks in lists for task in tasks]

    def output(self, task: dict[str, Any]) -> str:
        return self.client.text(f"/project/{task['project_id']}/tasks/{task['id']}/raw_output")


class Stream(threading.Thread):
    """Starts tasks while something is being killed; one that is not accepted is not repeated."""

    def __init__(self, load: Load, port: int, numbers: range) -> None:
        super().__init__(name="stream", daemon=True)
        client = PatientClient(port)
        client.headers = load.client.headers
        self._load = Load(client, load.truth, load.repository, load.lines)
        self._load.templates, self._load.accepted = load.templates, load.accepted
        self._numbers = numbers

    def run(self) -> None:
        for number in self._numbers:
            try:
                self._load.start(number)
            except AWAY:
                time.sleep(0.2)
            time.sleep(0.1)
        self._load.client.close()


def prepare(product: Product, lines: int) -> Load:
    """A round's load on a product, nothing started yet."""
    folder = product.folder
    repository = folder / "repository"
    if not repository.exists():
        git_repository(repository, work_sh=Path(__file__).with_name("work.sh").read_text())
    truth = folder / f"truth-{time.monotonic_ns()}"
    truth.mkdir()
    load = Load(product.client, truth, repository, lines)
    load.make()
    return load
