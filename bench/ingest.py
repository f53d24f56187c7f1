"""How fast output becomes durable: from a child that prints to the last line in the database.

    python -m bench.ingest [--lines 1000000] [--printer cat|awk|grep] [--secrets 0] [--rounds 3]

Real parts: a child on a pipe, the writer of a run's output, Valkey on a private socket, SQLite as
the server sets it up. Every round is read back: each line must be there, in order, byte by byte.
"""

import argparse
import random
import secrets
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select

from app.application import create_app
from app.config import Config
from app.db import db
from app.lib.embedded_redis import EmbeddedRedis
from app.models import AccessKey, Project, Repository, Task, TaskChunk, TaskTemplate
from app.services import task_output
from app.services.task_output_writer import TaskOutput

CLAIM = "bench"
PRINTERS = {"cat": ["cat"], "awk": ["awk", "{print}"], "grep": ["grep", "--line-buffered", ""]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--printer", choices=PRINTERS, default="cat")
    parser.add_argument("--secrets", type=int, default=0, help="secrets to mask; none occurs")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        text = Path(directory) / "output.txt"
        text.write_bytes(b"".join(lines(options.lines)))
        with server(Path(directory)) as app, app.app_context():
            for _ in range(options.rounds):
                measure(text, PRINTERS[options.printer], options)


def lines(count: int) -> Iterator[bytes]:
    """What a playbook might print: names that repeat, and hashes that do not compress."""
    rng = random.Random(1)
    for number in range(count):
        host, digest = rng.randrange(60), rng.getrandbits(64)
        yield b"%07d changed: [web-%02d.example.com] => (item=%016x)\n" % (number, host, digest)


@contextmanager
def server(directory: Path) -> Iterator[Flask]:
    """The application with its own Valkey and an empty database."""
    valkey = EmbeddedRedis(directory)
    argv, configuration = valkey.command()
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    assert process.stdin
    process.stdin.write(configuration)
    process.stdin.close()
    while not valkey.is_ready():
        time.sleep(0.01)
    config = Config(DATA_DIR=directory, SECRET_KEY=secrets.token_hex(), REDIS_URL=valkey.url)
    app = create_app(config)
    with app.app_context():
        db.create_all()
    try:
        yield app
    finally:
        process.kill()
        process.wait()


def measure(text: Path, printer: list[str], options: argparse.Namespace) -> None:
    task = new_task()
    output = TaskOutput(task.id, CLAIM)
    output.hide(secrets.token_urlsafe(24) for _ in range(options.secrets))
    cpu, start = time.process_time(), time.perf_counter()
    process = subprocess.Popen([*printer, str(text)], stdout=subprocess.PIPE)
    assert process.stdout
    output.attach(process.stdout.fileno())
    process.wait()
    output.drain()
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    process.stdout.close()
    output.finish()
    output.close()
    check(task, text)
    rate = options.lines / seconds
    print(f"{rate:>9,.0f} lines/s  {seconds:.2f} s  {cpu:.2f} s CPU  {stored(task)}")


def new_task() -> Task:
    project = Project(name="Bench")
    db.session.add(project)
    db.session.flush()
    key = AccessKey(project_id=project.id, name="None", type="none")
    db.session.add(key)
    db.session.flush()
    repository = Repository(
        project_id=project.id, name="R", git_url="/", git_branch="main", ssh_key_id=key.id
    )
    db.session.add(repository)
    db.session.flush()
    template = TaskTemplate(
        project_id=project.id, name="T", app="bash", playbook="x", repository_id=repository.id
    )
    db.session.add(template)
    db.session.flush()
    task = Task(project_id=project.id, template_id=template.id, status="running", claim=CLAIM)
    db.session.add(task)
    db.session.commit()
    return task


def check(task: Task, text: Path) -> None:
    """Read everything back."""
    db.session.rollback()
    at, expected = 0, text.read_bytes()
    for piece in task_output.raw(task):
        assert expected[at : at + len(piece)] == piece, f"differs behind byte {at}"
        at += len(piece)
    assert at == len(expected), f"{len(expected) - at} bytes are missing"


def stored(task: Task) -> str:
    size = func.sum(func.length(TaskChunk.data) + func.length(TaskChunk.marks))
    query = select(func.count(), size, func.sum(TaskChunk.raw_len)).where(
        TaskChunk.task_id == task.id
    )
    chunks, compressed, raw = db.session.execute(query).one()
    return f"{raw / 1e6:.1f} MB → {compressed / 1e6:.1f} MB in {chunks} chunks"


if __name__ == "__main__":
    main()
