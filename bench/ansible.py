"""What our callback costs a playbook: the same one with and without it, in turns.

    python -m bench.ansible [--hosts 200] [--tasks 50] [--rounds 3] [--kind debug|command]

Real parts: ansible-playbook, local connections, the writer of a run's output, SQLite. `debug` does
nearly nothing, so that the callback's part is the largest there can be. Afterwards every result
must be in the database.
"""

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, closing
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import func, select

from app.db import db
from app.executors.results import PLUGINS, Results
from app.lib.git import SYSTEM_PATH
from app.models import Task, TaskResult
from app.services.task_output_writer import TaskOutput
from app.services.task_reporter import TaskReporter
from bench.ingest import CLAIM, new_task, server

KINDS = {"debug": "debug: msg=said", "command": "command: echo said"}
PLAYBOOK = str(Path(sys.executable).with_name("ansible-playbook"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hosts", type=int, default=200)
    parser.add_argument("--tasks", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kind", choices=KINDS, default="debug")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), options)
        with server(Path(folder)) as app, app.app_context():
            compare(Path(folder), options)


def write(folder: Path, options: argparse.Namespace) -> None:
    hosts = (f"web{n:03} ansible_connection=local\n" for n in range(options.hosts))
    (folder / "hosts").write_text("".join(hosts))
    tasks = (f"    - name: task {n}\n      {KINDS[options.kind]}\n" for n in range(options.tasks))
    head = "- hosts: all\n  gather_facts: false\n  tasks:\n"
    (folder / "site.yml").write_text(head + "".join(tasks))


def compare(folder: Path, options: argparse.Namespace) -> None:
    costs: dict[bool, list[Cost]] = {False: [], True: []}
    for _ in range(options.rounds):
        for told in costs:
            costs[told].append(play(folder, told, options.hosts * options.tasks))
            print(f"{'with' if told else 'without'} the callback: {costs[told][-1]}", flush=True)
    for name in Cost._fields:
        without, told = (statistics.median(getattr(c, name) for c in costs[k]) for k in costs)
        print(f"{name}: {without:.2f} s without, {told:.2f} s with it: {told / without - 1:+.1%}")


class Cost(NamedTuple):
    """Seconds: by the clock, of ansible's processors, of ours (which write the log as well)."""

    clock: float
    ansible: float
    writer: float

    @classmethod
    def now(cls) -> "Cost":
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return cls(time.perf_counter(), children.ru_utime + children.ru_stime, time.process_time())

    def since(self, before: "Cost") -> "Cost":
        return Cost(*(round(now - then, 2) for now, then in zip(self, before, strict=True)))


def play(folder: Path, told: bool, count: int) -> Cost:
    """From the start to the last stored line; `told`: with the callback."""
    task = new_task()
    with ExitStack() as stack:
        output = stack.enter_context(closing(TaskOutput(task.id, CLAIM)))
        results = None
        if told:
            results = stack.enter_context(Results(TaskReporter(task, CLAIM, output)))
        begun = Cost.now()
        process = start(folder, results)
        assert process.stdout
        output.attach(process.stdout.fileno())
        assert process.wait() == 0
        output.drain()
        if results:
            results.finish()
            output.drain()
        cost = Cost.now().since(begun)
        process.stdout.close()
    if told:
        assert stored(task) == count, f"{stored(task)} of {count} results are stored"
    return cost


def start(folder: Path, results: Results | None) -> subprocess.Popen[bytes]:
    env = {"PATH": SYSTEM_PATH, "HOME": str(folder), "ANSIBLE_FORCE_COLOR": "True"}
    handles = ()
    if results:
        handles = tuple(results.inherit.values())
        told = {name: str(handle) for name, handle in results.inherit.items()}
        env |= {"ANSIBLE_CALLBACK_PLUGINS": str(PLUGINS), **results.env, **told}
    argv = [PLAYBOOK, "-i", "hosts", "--forks", "20", "site.yml"]
    return subprocess.Popen(
        argv,
        cwd=folder,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=handles,
    )


def stored(task: Task) -> int:
    db.session.rollback()
    query = select(func.count()).select_from(TaskResult).where(TaskResult.task_id == task.id)
    return db.session.scalar(query) or 0


if __name__ == "__main__":
    main()
