"""A whole server of its own for a benchmark, and a client that speaks its API."""

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.factories import free_port, git_repository

ROOT = Path(__file__).parents[1]
PASSWORD = "only for a benchmark"


class Client:
    """Keeps one connection, as a script would."""

    def __init__(self, port: int, pid: int = 0) -> None:
        self.port, self.pid = port, pid  # pid: of the server's first process
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers = {"Content-Type": "application/json"}

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Send JSON, return JSON (None for an empty answer); raises for a refusal."""
        data = None if body is None else json.dumps(body)
        self._connection.request(method, f"/api{path}", data, self.headers)
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {text.decode()[:300]}")
        if cookie := answer.headers.get("Set-Cookie"):
            self.headers["Cookie"] = cookie.partition(";")[0]
        return json.loads(text) if text.strip() else None

    def sign_in(self) -> None:
        """Sign in as the administrator, then go on with a token."""
        self.call("POST", "/auth/login", {"auth": "root", "password": PASSWORD})
        token = self.call("POST", "/user/tokens")["id"]
        del self.headers["Cookie"]
        self.headers["Authorization"] = f"Bearer {token}"

    def template(self, repository: Path, script: str, **values: Any) -> dict[str, Any]:
        """A project of its own with a template that runs one script of a repository."""
        project = self.call("POST", "/projects", {"name": "Bench"})["id"]
        key = self.call("GET", f"/project/{project}/keys")[0]["id"]
        given = {"name": "repo", "git_url": f"file://{repository}", "git_branch": "main"}
        given |= {"project_id": project, "ssh_key_id": key}
        repo = self.call("POST", f"/project/{project}/repositories", given)["id"]
        shape = {"project_id": project, "name": script, "app": "bash", "playbook": script}
        shape |= {"repository_id": repo} | values
        return self.call("POST", f"/project/{project}/templates", shape)

    def start(self, template: dict[str, Any]) -> int:
        path = f"/project/{template['project_id']}/tasks"
        return self.call("POST", path, {"template_id": template["id"]})["id"]

    def finished(self, template: dict[str, Any], task_id: int) -> dict[str, Any]:
        """Wait for the end of a task; return it."""
        while True:
            task = self.call("GET", f"/project/{template['project_id']}/tasks/{task_id}")
            if task["status"] in ("success", "error", "stopped"):
                return task
            time.sleep(0.02)


@contextlib.contextmanager
def server(data_dir: Path, **settings: str) -> Iterator[Client]:
    """`python wsgi.py` on a free port until the block ends; yields an administrator's client."""
    port = free_port()
    env = {
        "PATH": os.environ["PATH"], "HELIOGRAPH_DATA_DIR": str(data_dir),
        "SEMAPHORE_PORT": str(port),
        "SEMAPHORE_ADMIN": "root", "SEMAPHORE_ADMIN_NAME": "Root",
        "SEMAPHORE_ADMIN_EMAIL": "root@example.test", "SEMAPHORE_ADMIN_PASSWORD": PASSWORD,
        "SEMAPHORE_LOG_LEVEL": "WARNING",
    }  # fmt: skip
    process = subprocess.Popen([sys.executable, "wsgi.py"], cwd=ROOT, env=env | settings)
    try:
        client = Client(port, process.pid)
        _until_ready(client)
        client.sign_in()
        yield client
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _until_ready(client: Client) -> None:
    for _ in range(600):
        connection = http.client.HTTPConnection("127.0.0.1", client.port, timeout=5)
        with contextlib.suppress(OSError):
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        time.sleep(0.1)
    raise RuntimeError("the server did not become ready in a minute")


def repository(path: Path, files: int = 200) -> Path:
    """A git repository of a usual size with the script hello.sh."""
    git_repository(path, hello_sh="echo hello\n")
    for number in range(files):
        folder = path / f"roles/r{number % 20}/tasks"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"f{number}.yml").write_text(f"- name: step {number}\n" * 40)
    return path
