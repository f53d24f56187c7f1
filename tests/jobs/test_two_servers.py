"""Two whole servers that share only a database and a Redis: any web shows any run, limits hold."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import simple_websocket

from tests import postgres
from tests.chaos.product import Outside, Redis
from tests.factories import git_repository
from tests.lib.processes import until

pytestmark = [pytest.mark.processes]

SLOTS, LIMIT, LINES = 2, 3, 20  # no server can run LIMIT alone
SCRIPT = f"""
echo "start $SEMAPHORE_TASK_DETAILS_ID $(date +%s%N)" >> "$1"
echo "at home in $HOME"
until [ $(grep -c start "$1") -ge {LIMIT} ]; do sleep 0.05; done  # the other one has come along
for n in $(seq {LINES}); do echo line $n; sleep 0.05; done
echo "end $SEMAPHORE_TASK_DETAILS_ID $(date +%s%N)" >> "$1"
"""


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[list[Outside]]:
    if postgres.binaries() is None:
        pytest.skip("PostgreSQL is not installed")
    with postgres.cluster() as url, Redis(tmp_path / "redis") as redis:
        both = []
        for name in ("a", "b"):
            (tmp_path / name).mkdir()
            both.append(Outside(tmp_path / name, SLOTS, url, redis))
        key = base64.b64encode(b"k" * 32).decode()
        try:
            for server in both:
                server.settings["SEMAPHORE_ACCESS_KEY_ENCRYPTION"] = key
                server.start()
                server.client.sign_in()
            yield both
        finally:
            for server in both:
                server.client.close()
                server.end()


def make_template(server: Outside, tmp_path: Path) -> dict[str, Any]:
    repository = git_repository(tmp_path / "repo", run_sh=SCRIPT)
    call = server.client.call
    project = call("POST", "/projects", {"name": "Web", "max_parallel_tasks": LIMIT})["id"]
    path = f"/project/{project}"
    place = {"project_id": project, "name": "R", "git_url": f"file://{repository}"}
    place |= {"git_branch": "main", "ssh_key_id": call("GET", f"{path}/keys")[0]["id"]}
    shape = {"project_id": project, "name": "T", "app": "bash", "playbook": "run.sh"}
    notes = tmp_path / "notes"  # beside the data directories tasks may write, around them not
    notes.mkdir()
    shape |= {"arguments": json.dumps([str(notes / "truth")]), "allow_parallel_tasks": True}
    shape["repository_id"] = call("POST", f"{path}/repositories", place)["id"]
    return call("POST", f"{path}/templates", shape)


def listen(server: Outside) -> simple_websocket.Client:
    headers = {"Authorization": server.client.headers["Authorization"]}
    return simple_websocket.Client(f"ws://127.0.0.1:{server.port}/api/ws", headers=headers)


def lines_of(socket: simple_websocket.Client, task: int) -> list[str]:
    """The lines of a run that a client of the socket is sent until its end."""
    found: list[str] = []
    while True:
        message = json.loads(socket.receive(timeout=60))
        if message["task_id"] == task:
            if message.get("status") in ("success", "error"):
                return found
            found += [message["output"]] if "output" in message else []


def test_they_share_the_work_and_show_each_others_runs(servers, tmp_path: Path) -> None:
    first, second = servers
    template = make_template(first, tmp_path)
    path = f"/project/{template['project_id']}/tasks"
    ears = [listen(server) for server in servers]
    started = [
        servers[number % 2].client.call("POST", path, {"template_id": template["id"]})["id"]
        for number in range(8)
    ]
    said = [f"line {number + 1}" for number in range(LINES)]
    for ear in ears:
        heard = lines_of(ear, started[0])
        assert [line for line in heard if line.startswith("line ")] == said
        ear.close()

    until(lambda: all(task.get("end") for task in second.client.call("GET", path)))
    tasks = second.client.call("GET", path)
    assert [(t["status"], t.get("reason")) for t in tasks] == [("success", None)] * 8
    outputs = [
        [server.client.text(f"{path}/{task}/raw_output") for task in started] for server in servers
    ]
    assert outputs[0] == outputs[1]
    homes = {name for name in ("a", "b") for text in outputs[0] if f"{tmp_path}/{name}/" in text}
    assert homes == {"a", "b"}
    assert_truth((tmp_path / "notes/truth").read_text(), started)


def assert_truth(text: str, started: list[int]) -> None:
    """Each ran once, and never more at once than the project allows."""
    notes = sorted((line.split() for line in text.splitlines()), key=lambda note: int(note[2]))
    assert sorted(int(task) for what, task, _ in notes if what == "start") == sorted(started)
    running, most = 0, 0
    for what, _, _ in notes:
        running += 1 if what == "start" else -1
        most = max(most, running)
    assert (running, most) == (0, LIMIT)
