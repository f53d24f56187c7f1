"""python -m bench.drain [tasks] [slots]: many no-op tasks at once, each of a template of its own.

From the first API call until the last task has finished; the repository is cached.
"""

import sys
import tempfile
import time
from pathlib import Path

from bench.server import Client, repository, server
from tests.factories import commit


def main(tasks: int = 50, slots: int = 4, rounds: int = 5) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = repository(Path(folder, "repo"))
        commit(path, "Files")
        settings = {"HELIOGRAPH_WORKER_SLOTS": str(slots)}
        with server(Path(folder, "instance"), **settings) as client:
            first = client.template(path, "hello.sh")
            templates = [first, *(copy(client, first) for _ in range(tasks - 1))]
            client.finished(first, client.start(first))
            for _ in range(rounds):
                drain(client, templates, slots)


def copy(client: Client, template: dict) -> dict:
    """One more template of the same project."""
    path = f"/project/{template['project_id']}/templates"
    return client.call("POST", path, template)


def drain(client: Client, templates: list[dict], slots: int) -> None:
    begun = time.perf_counter()
    tasks = [(template, client.start(template)) for template in templates]
    accepted = time.perf_counter() - begun
    states = {client.finished(template, task)["status"] for template, task in tasks}
    seconds = time.perf_counter() - begun
    print(
        f"drain: {len(tasks)} tasks on {slots} slots in {seconds:.1f} s"
        f" (accepted in {accepted:.1f}), all {states}",
        flush=True,
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
