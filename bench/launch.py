"""python -m bench.launch [n]: from the API call to the first line that a socket client sees.

Once while the server is idle, once while another run floods both cores with output.
"""

import json
import random
import sys
import tempfile
import time
from pathlib import Path

import simple_websocket

from bench.fanout import percentiles
from bench.server import Client, repository, server
from tests.factories import commit

# Two who print as fast as they can: one that is read line by line would not fill two cores.
FLOOD = "yes 'a line that somebody may want to read some day' & exec yes 'and another one'\n"


def main(n: int = 40) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = repository(Path(folder, "repo"))
        (path / "flood.sh").write_text(FLOOD)
        commit(path, "Files")
        with server(Path(folder, "instance"), HELIOGRAPH_WORKER_SLOTS="4") as client:
            hello = client.template(path, "hello.sh")
            launch("idle", client, hello, n)
            template, task = flood(client, path)
            launch("flooded", client, hello, n)
            client.call("POST", f"/project/{template['project_id']}/tasks/{task}/stop", {})
            client.finished(template, task)


def launch(what: str, client: Client, template: dict, n: int) -> None:
    """One task at a time, the repository cached."""
    headers = {"Authorization": client.headers["Authorization"]}
    socket = simple_websocket.Client(f"ws://127.0.0.1:{client.port}/api/ws", headers=headers)
    times = []
    for number in range(n + 2):
        time.sleep(random.uniform(0.1, 0.5))
        begun = time.perf_counter()
        task_id = client.start(template)
        wait_for_hello(socket, task_id)
        if number >= 2:  # the first ones fill the caches
            times.append((time.perf_counter() - begun) * 1000)
        client.finished(template, task_id)
    socket.close()
    print(f"launch, {what}: {percentiles(times)} (n={n})", flush=True)


def wait_for_hello(socket: simple_websocket.Client, task_id: int) -> None:
    while True:
        message = json.loads(socket.receive(timeout=30))
        if message["task_id"] == task_id and message.get("output") == "hello":
            return


def flood(client: Client, path: Path) -> tuple[dict, int]:
    """Start a run that prints without end, on both cores; return it once it prints."""
    template = client.template(path, "flood.sh")
    task = client.start(template)
    while not client.call("GET", f"/project/{template['project_id']}/tasks/{task}/output"):
        time.sleep(0.1)
    return template, task


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
