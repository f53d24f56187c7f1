"""Terraform itself, with its state in a whole server: through an address, and in runs."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import factories
from tests.chaos.product import Product, running
from tests.lib.processes import until

pytestmark = [
    pytest.mark.processes,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not shutil.which("terraform"), reason="terraform is not installed"),
]
MAIN = 'resource "terraform_data" "one" {{\n  input = "{}"\n}}\n'
SPY = """resource "terraform_data" "spy" {
  provisioner "local-exec" {
    command = "env | grep TF_HTTP_ > $SEMAPHORE_ARTIFACTS/spied"
  }
}
"""
HTTP = 'terraform {\n  backend "http" {}\n}\n'


class Server:
    """A whole server with a project that has a key."""

    def __init__(self, product: Product) -> None:
        self.product, self.call = product, product.client.call
        product.client.sign_in()
        self.project = self.call("POST", "/projects", {"name": "Infra"})["id"]
        self.key = self.call(
            "POST", f"{self.at}/keys",
            {"project_id": self.project, "name": "State", "type": "login_password",
             "login_password": {"login": "ci", "password": "s3cret-of-the-key"}},
        )["id"]  # fmt: skip

    @property
    def at(self) -> str:
        return f"/project/{self.project}"

    def template(self, repository: Path, **params: Any) -> dict[str, Any]:
        place = {"project_id": self.project, "name": "R", "git_url": f"file://{repository}"}
        none = next(k for k in self.call("GET", f"{self.at}/keys") if k["type"] == "none")
        place |= {"git_branch": "main", "ssh_key_id": none["id"]}
        repo = self.call("POST", f"{self.at}/repositories", place)["id"]
        shape = {"project_id": self.project, "name": "T", "app": "terraform", "playbook": ""}
        params = {"override_backend": True} | params
        return self.call(
            "POST", f"{self.at}/templates", shape | {"repository_id": repo, "task_params": params}
        )

    def run(self, template: dict[str, Any], **given: Any) -> dict[str, Any]:
        """The run once it has ended, or waits for approval."""
        sent = {"template_id": template["id"]} | given
        path = f"{self.at}/tasks/{self.call('POST', f'{self.at}/tasks', sent)['id']}"
        over = ("success", "error", "stopped", "waiting_confirmation")
        until(lambda: self.call("GET", path)["status"] in over)
        return self.call("GET", path)

    def log(self, task: dict[str, Any]) -> str:
        return self.product.client.text(f"{self.at}/tasks/{task['id']}/raw_output")

    def states(self, template: dict[str, Any]) -> str:
        return f"{self.at}/inventory/{template['inventory_id']}/terraform"

    def values(self, template: dict[str, Any]) -> list[Any]:
        """What the resources of the current state have as their input."""
        text = self.call("GET", f"{self.states(template)}/states/latest")["state"]
        found = json.loads(text)["resources"]
        return [one["instances"][0]["attributes"]["input"]["value"] for one in found]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with running(tmp_path, 2) as product:
        yield Server(product)


def own(folder: Path, address: str, *words: str, password: str = "s3cret-of-the-key") -> Any:
    """terraform on somebody's laptop."""
    names = ("TF_HTTP_ADDRESS", "TF_HTTP_LOCK_ADDRESS", "TF_HTTP_UNLOCK_ADDRESS")
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "CHECKPOINT_DISABLE": "1"}
    env |= dict.fromkeys(names, address)
    env |= {"TF_HTTP_USERNAME": "ci", "TF_HTTP_PASSWORD": password, "TF_HTTP_RETRY_MAX": "0"}
    argv = ["terraform", *words, "-no-color"]
    return subprocess.run(argv, cwd=folder, env=env, capture_output=True, text=True)


def test_a_run_keeps_its_state_here_and_a_laptop_goes_on_with_it(
    server: Server, tmp_path: Path
) -> None:
    repository = factories.git_repository(tmp_path / "infra", main_tf="")
    (repository / "main.tf").write_text(MAIN.format("from a run"))
    factories.commit(repository, "Infra")
    template = server.template(repository, auto_approve=True)
    task = server.run(template)
    log = server.log(task)
    assert task["status"] == "success", log
    assert "Making backend.tf" in log and "TF_HTTP" not in log
    assert server.values(template) == ["from a run"]
    [state] = server.call("GET", f"{server.states(template)}/states")
    assert (state["task_id"], state["resources"]) == (task["id"], 1)

    alias = server.call("POST", f"{server.states(template)}/aliases", {"auth_key_id": server.key})
    laptop = tmp_path / "laptop"
    laptop.mkdir()
    (laptop / "main.tf").write_text(HTTP + MAIN.format("from a laptop"))
    assert own(laptop, alias["url"], "init").returncode == 0
    applied = own(laptop, alias["url"], "apply", "-auto-approve")
    assert applied.returncode == 0 and "1 changed" in applied.stdout, applied.stderr
    assert server.values(template) == ["from a laptop"]
    wrong = own(laptop, alias["url"], "plan", password="guessed")
    assert wrong.returncode == 1 and "requires auth" in wrong.stderr


def test_what_waits_for_approval_is_applied_to_the_same_state(
    server: Server, tmp_path: Path
) -> None:
    repository = factories.git_repository(tmp_path / "infra", main_tf="")
    (repository / "main.tf").write_text(
        'terraform {\n  backend "local" {}\n}\n' + MAIN.format("approved")
    )
    factories.commit(repository, "Infra")
    template = server.template(repository, backend_filename="backend_override.tf")
    task = server.run(template)
    path = f"{server.at}/tasks/{task['id']}"
    assert task["status"] == "waiting_confirmation", server.log(task)
    assert server.call("GET", f"{server.states(template)}/states") == []
    server.call("POST", f"{path}/confirm", {})
    until(lambda: server.call("GET", path)["status"] in ("success", "error"))
    assert server.call("GET", path)["status"] == "success", server.log(task)
    assert server.values(template) == ["approved"]


def test_a_second_backend_says_how_to_name_the_file(server: Server, tmp_path: Path) -> None:
    repository = factories.git_repository(tmp_path / "infra", main_tf="")
    (repository / "main.tf").write_text('terraform {\n  backend "local" {}\n}\n')
    factories.commit(repository, "Infra")
    task = server.run(server.template(repository))
    assert task["status"] == "error" and "backend_override.tf" in task["reason"], task


def test_a_locked_state_fails_the_run_by_name_until_it_is_unlocked(
    server: Server, tmp_path: Path
) -> None:
    repository = factories.git_repository(tmp_path / "infra", main_tf="")
    (repository / "main.tf").write_text(MAIN.format("x"))
    factories.commit(repository, "Infra")
    template = server.template(repository, auto_approve=True)
    alias = server.call("POST", f"{server.states(template)}/aliases", {"auth_key_id": server.key})
    laptop = tmp_path / "laptop"
    laptop.mkdir()
    console = 'variable "x" {}\n' + HTTP
    (laptop / "main.tf").write_text(console)
    assert own(laptop, alias["url"], "init").returncode == 0
    names = ("TF_HTTP_ADDRESS", "TF_HTTP_LOCK_ADDRESS", "TF_HTTP_UNLOCK_ADDRESS")
    env = {"PATH": os.environ["PATH"], "HOME": str(laptop)} | dict.fromkeys(names, alias["url"])
    env |= {"TF_HTTP_USERNAME": "ci", "TF_HTTP_PASSWORD": "s3cret-of-the-key"}
    asking = subprocess.Popen(  # it holds the lock while it asks for the variable
        ["terraform", "apply"], cwd=laptop, env=env, stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        until(lambda: locked(server, template))
        lock = locked(server, template)
        task = server.run(template)
        assert task["status"] == "error" and lock["who"] in task["reason"]
        assert f"through the address …{alias['id'][-4:]}" in task["reason"]
    finally:
        asking.kill()
        asking.communicate()
    server.call("POST", f"{server.states(template)}/unlock", {"reason": "the laptop is gone"})
    assert server.run(template)["status"] == "success"


def locked(server: Server, template: dict[str, Any]) -> Any:
    try:
        return server.call("GET", f"{server.states(template)}/lock")
    except RuntimeError:
        return None


def test_the_password_of_a_run_is_worth_nothing_after_it(server: Server, tmp_path: Path) -> None:
    repository = factories.git_repository(tmp_path / "infra", main_tf="")
    (repository / "main.tf").write_text(SPY)
    factories.commit(repository, "Infra")
    template = server.template(repository, auto_approve=True)
    task = server.run(template)
    assert task["status"] == "success", server.log(task)
    path = f"{server.at}/tasks/{task['id']}/artifacts"
    spied = server.product.client.text(f"{path}/{server.call('GET', path)[0]['id']}")
    found = dict(line.split("=", 1) for line in spied.splitlines())
    assert found["TF_HTTP_PASSWORD"] not in server.log(task)
    answer = subprocess.run(
        ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-u",
         f"{found['TF_HTTP_USERNAME']}:{found['TF_HTTP_PASSWORD']}", found["TF_HTTP_ADDRESS"]],
        capture_output=True, text=True,
    ).stdout  # fmt: skip
    assert answer == "401"
