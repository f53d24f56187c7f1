"""What the whole product takes: idle, and more for each run at work.

    python -m bench.memory [--slots 6] [--database sqlite|postgresql]

`python wsgi.py` with its Valkey, web, worker and slots; the sum over all processes of the
proportional set size (PSS), 10 s after the start and once some pages were seen. Then all slots run
a script that sleeps: what they take more, divided by their number, without the script itself.
"""

import argparse
import http.client
import tempfile
import time
from pathlib import Path

from bench import processes
from bench.lists import database, sign_in
from bench.server import Client, server
from tests.factories import git_repository

PAGES = ("", "/runs", "/templates", "/templates/new/bash", "/keys", "/repositories")
TOOLS = ("bash", "sleep")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--slots", type=int, default=6)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, database(options.database, folder) as url:
        script = git_repository(Path(folder, "repo"), sleep_sh="echo ready\nexec sleep 60\n")
        slots = str(options.slots)
        with server(
            Path(folder, "instance"), DATABASE_URL=url, HELIOGRAPH_WORKER_SLOTS=slots
        ) as client:
            time.sleep(10)
            show("idle, nothing seen yet", client.pid)
            template = client.template(script, "sleep.sh", allow_parallel_tasks=True)
            see(client.port, template["project_id"])
            time.sleep(5)
            idle = show("idle, pages seen", client.pid)
            work(client, template, options.slots)
            busy = show("all slots at work", client.pid)
            print(f"for each run at work: {(busy - idle) / options.slots:.0f} MB more")


def see(port: int, project: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Cookie": sign_in(port)}
    for path in PAGES:
        connection.request("GET", f"/p/{project}{path}", headers=headers)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, (path, answer.status)


def work(client: Client, template: dict, count: int) -> None:
    """Start as many runs as there are slots; return when all have printed their line."""
    runs = [client.start(template) for _ in range(count)]
    project = template["project_id"]
    while True:
        texts = [client.call("GET", f"/project/{project}/tasks/{run}/output") for run in runs]
        if all(any(line["output"] == "ready" for line in text) for text in texts):
            return
        time.sleep(0.1)


def show(what: str, pid: int) -> float:
    """Print the sum and its largest parts; returns the sum."""
    found = [one for one in processes.tree(pid) if processes.arguments(one)]
    sizes = {one: processes.memory(one) for one in found if not is_tool(one)}
    print(f"{what}: {sum(sizes.values()):.0f} MB in {len(sizes)} processes", flush=True)
    for one, size in sorted(sizes.items(), key=lambda item: -item[1]):
        print(f"  {size:5.1f}  {processes.arguments(one)[-60:]}")
    return sum(sizes.values())


def is_tool(pid: int) -> bool:
    """Whether this is the script of a run, which is none of ours."""
    return processes.arguments(pid).partition(" ")[0].rpartition("/")[2] in TOOLS


if __name__ == "__main__":
    main()
