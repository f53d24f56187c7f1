"""How long lists take in a project with years behind it: the pages and the API.

    python -m bench.lists [--tasks 100000] [--rounds 40] [--only runs] [--explain]
                          [--database sqlite|postgresql]

A whole server; 1,000 templates, the tasks (300 of them wait) and 10,000 events in one project, and
four smaller ones. One client asks on one connection, an administrator: 40 times for each list.
`--explain` shows how the database finds the rows of each statement instead.
"""

import argparse
import contextlib
import http.client
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench import history, plans
from bench.server import PASSWORD, Client, server
from tests import postgres

LARGE = history.Size(1_000, 100_000, 10_000, waiting=300)
SMALL = history.Size(50, 5_000, 500)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tasks", type=int, default=LARGE.tasks)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--only", default="", help="lists whose address contains this")
    parser.add_argument("--explain", action="store_true")
    parser.add_argument("--database", choices=("sqlite", "postgresql"))
    options = parser.parse_args()
    for name in ("sqlite", "postgresql"):
        if options.database in (None, name):
            with tempfile.TemporaryDirectory() as folder, database(name, folder) as url:
                measure(name, url, Path(folder), options)


@contextlib.contextmanager
def database(name: str, folder: str) -> Iterator[str]:
    if name == "sqlite":
        yield f"sqlite:///{folder}/heliograph.db"
    else:
        with postgres.cluster() as url:
            yield url


def measure(name: str, url: str, folder: Path, options: argparse.Namespace) -> None:
    with server(folder, DATABASE_URL=url, HELIOGRAPH_WORKER_SLOTS="1") as client:
        large = history.Size(LARGE.templates, options.tasks, LARGE.events, LARGE.waiting)
        begun = time.perf_counter()
        made = history.fill(url, large, *[SMALL] * 4)[0]
        print(f"{name}: {options.tasks:,} tasks, filled in {time.perf_counter() - begun:.0f} s")
        cookie = sign_in(client.port)
        for path in filter(lambda one: options.only in one, lists(made)):
            if options.explain:
                plans.show(url, folder, path, headers_of(path, cookie))
            else:
                ask(client.port, path, cookie, options.rounds)


def lists(made: history.Made) -> list[str]:
    """The addresses of all lists: first pages, pages in the middle, filters that match little."""
    page, api = f"/p/{made.project}", f"/api/project/{made.project}"
    middle, often, never = made.size.tasks // 2, made.templates[1], made.templates[-1]
    runs = ("", f"?before={middle}", f"?after={middle}", "?status=error", "?status=stopped",
            "?status=running", f"?template={often}", f"?by={made.people[3]}", "?q=Release+777",
            "?q=nothing")  # fmt: skip
    templates = ("", f"?after={made.templates[500]}", "?sort=name", "?status=error", "?q=0077")
    tasks = (f"/templates/{one}/tasks{last}" for one in (often, never) for last in ("", "/last"))
    return [
        *(f"{page}{part}" for part in ("", "/_needs", "/_now", "/_strip", "/_failures")),
        *(f"{page}/templates{query}" for query in templates),
        *(f"{page}/runs{query}" for query in runs),
        *(f"{page}/runs/{part}" for part in ("_count", f"_new?since={middle}")),
        *(f"{page}/templates/{one}" for one in (often, never)),
        "/projects",
        *(f"{api}{path}" for path in ("/templates", "/tasks", "/tasks/last", *tasks)),
        *(f"{api}{path}" for path in ("/events", "/events/last")),
        *("/api/events", "/api/tasks", "/api/projects"),
    ]


def sign_in(port: int) -> str:
    """The cookie of the administrator."""
    client = Client(port)
    client.call("POST", "/auth/login", {"auth": "root", "password": PASSWORD})
    return client.headers["Cookie"]


def headers_of(path: str, cookie: str) -> dict[str, str]:
    fragment = {"HX-Request": "true"} if "/_" in path else {}
    return {"Cookie": cookie} | fragment


def ask(port: int, path: str, cookie: str, rounds: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = headers_of(path, cookie)
    times, size = [], 0
    for number in range(rounds + 3):
        begun = time.perf_counter()
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        size = len(answer.read())
        assert answer.status == 200, f"{path}: {answer.status}"
        if number >= 3:  # the first ones compile statements and templates
            times.append((time.perf_counter() - begun) * 1000)
    times.sort()
    p50, p95 = (times[int(len(times) * part)] for part in (0.5, 0.95))
    mark = "" if p95 <= 50 else "  SLOW"
    print(f"  p50 {p50:6.1f}  p95 {p95:6.1f} ms  {size:>9,} bytes  {path}{mark}", flush=True)


if __name__ == "__main__":
    main()
