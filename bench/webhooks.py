"""A storm of signed webhooks against one integration that starts no run while one waits.

    python -m bench.webhooks [--count 10000] [--seconds 60] [--connections 32]
                             [--processes 1] [--database sqlite|postgresql]

A whole server, whose runs take two seconds. GitHub's pushes, each with an id of its own, come
evenly over the time, whether the ones before are answered or not; how long an answer took counts
from the moment when its request was due. Meanwhile the database is looked at twice a second: which
deliveries are written down, and how many runs wait. The newest 1,000 deliveries are kept, so that
they are counted as they come.
"""

import argparse
import hashlib
import hmac
import http.client
import json
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Engine, create_engine, func, select

from app.lib.database_url import with_driver
from app.models import IntegrationDelivery, Task, TaskStatus
from app.services import webhook_senders
from bench.lists import database
from bench.processes import cpu_seconds, memory, web_workers
from bench.server import Client, server
from tests.factories import git_repository

SECRET = "only for a benchmark"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--processes", type=int, default=1, help="web processes")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        database(options.database, folder) as url,
        server(
            Path(folder, "instance"), DATABASE_URL=url, WEB_CONCURRENCY=str(options.processes)
        ) as client,
    ):
        path = address(client, git_repository(Path(folder, "repo"), deploy_sh="sleep 2\n"))
        measure(client, path, create_engine(with_driver(url)), options)


def address(client: Client, repo: Path) -> str:
    """The path that an integration is called by; it has GitHub's conditions and one value."""
    survey = [{"name": "commit", "title": "Commit", "type": "string"}]
    template = client.template(repo, "deploy.sh", survey_vars=survey)
    project = f"/project/{template['project_id']}"
    shape = {"project_id": template["project_id"], "name": "Hook"}
    password = {"login": "", "password": SECRET}
    key = client.call(
        "POST", f"{project}/keys", shape | {"type": "login_password", "login_password": password}
    )
    shape |= {"template_id": template["id"], "auth_method": "github", "auth_secret_id": key["id"]}
    made = client.call("POST", f"{project}/integrations", shape | {"when_waiting": "skip"})
    own = f"{project}/integrations/{made['id']}"
    for matcher in webhook_senders.known()["github"].matchers:
        client.call("POST", f"{own}/matchers", matcher)
    value = {"name": "commit", "value_source": "body", "body_data_type": "json"}
    client.call("POST", f"{own}/values", value | {"key": "after", "variable": "commit"})
    return urlsplit(client.call("POST", f"{own}/aliases")["url"]).path


@dataclass
class Storm:
    """What many connections send, each the next one that is due."""

    client: Client
    path: str
    interval: float
    total: int
    statuses: Counter[int] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)

    def blow(self, connections: int) -> float:
        """Send all; returns how long that took."""
        self._numbers, self._begun = count(), time.perf_counter()
        senders = [threading.Thread(target=self._send) for _ in range(connections)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        return time.perf_counter() - self._begun

    def _send(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.client.port, timeout=60)
        while (number := next(self._numbers)) < self.total:
            body, headers = push(number)
            due = self._begun + number * self.interval
            time.sleep(max(0.0, due - time.perf_counter()))
            connection.request("POST", self.path, body, headers)
            answer = connection.getresponse()
            answer.read()
            self.times.append((time.perf_counter() - due) * 1000)
            self.statuses[answer.status] += 1


def push(number: int) -> tuple[bytes, dict[str, str]]:
    """A push as GitHub sends it, with a commit and an id of its own."""
    github = webhook_senders.known()["github"]
    body = json.dumps(github.body | {"after": f"{number:040x}"}).encode()
    proof = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    own = {"X-GitHub-Delivery": f"{number:032x}", "X-Hub-Signature-256": f"sha256={proof}"}
    return body, github.headers | own


class Watch(threading.Thread):
    """Counts the deliveries that are written down, and what waits, until it is told to stop."""

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self._engine, self._last, self._enough = engine, 0, threading.Event()
        self.verdicts: Counter[str] = Counter()
        self.most_waiting = 0

    def run(self) -> None:
        while not self._enough.wait(0.5):
            self._look()
        self._look()

    def stop(self) -> None:
        self._enough.set()
        self.join()

    def _look(self) -> None:
        delivery = IntegrationDelivery
        new = select(delivery.id, delivery.verdict).where(delivery.id > self._last)
        waiting = select(func.count(Task.id)).where(Task.status == TaskStatus.WAITING)
        with self._engine.connect() as connection:
            found = connection.execute(new.order_by(delivery.id)).all()
            self.most_waiting = max(self.most_waiting, connection.scalar(waiting) or 0)
        self.verdicts.update(verdict for _, verdict in found)
        self._last = found[-1][0] if found else self._last


def measure(client: Client, path: str, engine: Engine, options: argparse.Namespace) -> None:
    workers, watch = web_workers(client.pid), Watch(engine)
    storm = Storm(client, path, options.seconds / options.count, options.count)
    before = sum(map(cpu_seconds, workers))
    watch.start()
    seconds = storm.blow(options.connections)
    watch.stop()
    with engine.connect() as connection:
        runs = connection.scalar(select(func.count(Task.id)))
    tell(options, storm, watch, seconds)
    print(
        f"  web: {(sum(map(cpu_seconds, workers)) - before) / seconds:.0%} of a core, "
        f"{sum(map(memory, workers)):.0f} MB; {runs} runs"
    )
    assert storm.statuses == {204: options.count}, storm.statuses
    assert watch.verdicts.total() == options.count, watch.verdicts
    assert watch.verdicts["started"] == runs and watch.most_waiting <= 1


def tell(options: argparse.Namespace, storm: Storm, watch: Watch, seconds: float) -> None:
    times: list[Any] = sorted(storm.times)
    p50, p99 = (times[int(len(times) * part)] for part in (0.5, 0.99))
    print(
        f"{options.database}: {options.count:,} webhooks in {seconds:.1f} s; "
        f"p50 {p50:.1f}, p99 {p99:.1f}, max {times[-1]:.0f} ms; answers {dict(storm.statuses)}\n"
        f"  written down: {watch.verdicts.total():,} {dict(watch.verdicts)}; "
        f"at most {watch.most_waiting} waiting",
        flush=True,
    )


if __name__ == "__main__":
    main()
