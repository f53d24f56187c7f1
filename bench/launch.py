"""python -m bench.launch [n]: from the API call to the first line that a socket client sees.

Also: how long fifty no-op tasks of four templates take on four slots.
"""

import json
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

import simple_websocket

from bench.server import Client, repository, server
from tests.factories import commit


def main(n: int = 40) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = repository(Path(folder, "repo"))
        commit(path, "Files")
        with server(Path(folder, "instance"), HELIOGRAPH_WORKER_SLOTS="4") as client:
            launch(client, client.template(path, "hello.sh"), n)
            drain(client, [client.template(path, "hello.sh") for _ in range(4)])


def launch(client: Client, template: dict, n: int) -> None:
    """One task at a time on an idle server, the repository cached."""
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
    ordered = sorted(times)
    print(
        f"launch: p50 {statistics.median(times):.0f} ms, p95 {ordered[int(n * 0.95) - 1]:.0f} ms,"
        f" max {ordered[-1]:.0f} ms (n={n})"
    )


def wait_for_hello(socket: simple_websocket.Client, task_id: int) -> None:
    while True:
        message = json.loads(socket.receive(timeout=30))
        if message["task_id"] == task_id and message.get("output") == "hello":
            return


def drain(client: Client, templates: list[dict], n: int = 50) -> None:
    """Many tasks at once, one at a time for each template."""
    begun = time.perf_counter()
    tasks = [(t := templates[i % len(templates)], client.start(t)) for i in range(n)]
    states = {client.finished(template, task)["status"] for template, task in tasks}
    print(f"drain: {n} no-op tasks on 4 slots in {time.perf_counter() - begun:.1f} s, all {states}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
