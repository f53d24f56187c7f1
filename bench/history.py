"""Years of work in an instant: rows straight into the tables of a server that has started."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, create_engine, insert, select

from app.clock import utcnow
from app.lib.database_url import with_driver
from app.models import (
    AccessKey,
    Environment,
    Event,
    Project,
    ProjectUser,
    Repository,
    Task,
    TaskTemplate,
    User,
    template_environment,
)

Rows = Iterator[dict[str, Any]]

AT_ONCE = 5_000  # rows of one statement
AGE = timedelta(days=2 * 365)
NOWHERE = "nowhere"  # a tag that no worker serves: what waits for it waits for ever
# How the runs of a template end, in turns: mostly well, now and then not, always not.
NATURES = (("success",) * 9 + ("error",), ("success",) * 19 + ("stopped",), ("error",))


@dataclass(frozen=True)
class Size:
    """How much a project has; `waiting` of its tasks are the newest and wait."""

    templates: int
    tasks: int
    events: int
    waiting: int = 0


@dataclass(frozen=True)
class Made:
    """A project and its templates; the first one is run by nobody, the last one has never run."""

    project: int
    size: Size
    templates: list[int]
    people: list[int]


def fill(url: str, *sizes: Size) -> list[Made]:
    """Make a project of each size, the rows of all of them mixed."""
    engine, rng = create_engine(with_driver(url)), random.Random(1)
    with engine.begin() as connection:
        people = _people(connection)
        made = [_project(connection, size, people) for size in sizes]
        tasks = _mixed(rng, [one.tasks for one in sizes], [_tasks(rng, one) for one in made])
        _insert(connection, Task, tasks)
        events = _mixed(rng, [one.events for one in sizes], [_events(rng, one) for one in made])
        _insert(connection, Event, events)
    if engine.dialect.name == "postgresql":  # which does it by itself after a minute
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    engine.dispose()
    return made


def _people(connection: Connection, count: int = 20) -> list[int]:
    rows = [
        {"username": f"u{n}", "name": f"User {n}", "email": f"u{n}@x.test", "password": ""}
        for n in range(count)
    ]
    connection.execute(insert(User), rows)
    return list(connection.scalars(select(User.id)))


def _project(connection: Connection, size: Size, people: list[int]) -> Made:
    project = _id(connection, Project, name=f"{size.templates} templates")
    own = {"project_id": project}
    _insert(connection, ProjectUser, (own | {"user_id": user, "role": "owner"} for user in people))
    key = _id(connection, AccessKey, name="None", type="none", **own)
    git = {"git_url": "https://git.example.test/infra.git", "git_branch": "main"}
    repository = _id(connection, Repository, name="Infrastructure", ssh_key_id=key, **own, **git)
    group = _id(connection, Environment, name="Production", **own)
    rows = (own | {"repository_id": repository} | _template(n) for n in range(size.templates))
    _insert(connection, TaskTemplate, rows)
    found = select(TaskTemplate.id).filter_by(**own).order_by(TaskTemplate.id)
    made = Made(project, size, list(connection.scalars(found)), people)
    groups = ({"template_id": one, "environment_id": group} for one in made.templates)
    _insert(connection, template_environment, groups)
    return made


def _template(number: int) -> dict[str, Any]:
    return {
        "name": f"Deploy service {number * 7919 % 10_000:04}",
        "description": "Rolls out one service, host by host",
        "app": "bash" if number % 3 else "python",
        "playbook": f"services/{number:04}/deploy.sh",
        "survey_vars": [{"name": "version", "title": "Version", "type": "", "required": True}],
        "runner_tag": None if number else NOWHERE,
    }


def _tasks(rng: random.Random, made: Made) -> Rows:
    """Few templates run often, many now and then. What waits comes last."""
    size, now = made.size, utcnow()
    for number in range(size.tasks):
        place = 1 + int((size.templates - 2) * rng.random() ** 3)
        nature = NATURES[0 if place % 20 else 1 + place // 20 % 2]
        created = now - AGE * (1 - number / size.tasks)
        waits = number >= size.tasks - size.waiting
        yield {
            "project_id": made.project,
            "template_id": made.templates[0 if waits else place],
            "status": "waiting" if waits else nature[number % len(nature)],
            "created": created,
            "start": None if waits else created + timedelta(seconds=1),
            "end": None if waits else created + timedelta(seconds=rng.randrange(5, 900)),
            "user_id": rng.choice(made.people),
            "message": f"Release {number}",
            "environment": '{"version": "1.2.3"}',
            "params": {},
            "commit_hash": None if waits else f"{rng.getrandbits(160):040x}",
            "commit_message": "" if waits else "Raise the limits of the database",
            "line_count": 0 if waits else 2_000,
        }


def _events(rng: random.Random, made: Made) -> Rows:
    for number in range(made.size.events):
        yield {
            "project_id": made.project,
            "user_id": rng.choice(made.people),
            "object_type": "task",
            "object_id": rng.randrange(1, made.size.tasks),
            "object_name": f"Deploy service #{number}",
            "description": f"Task Deploy service #{number} queued for running",
            "created": utcnow() - AGE * (1 - number / made.size.events),
        }


def _mixed(rng: random.Random, counts: list[int], sources: list[Rows]) -> Rows:
    """The rows of all sources, each in its order, all evenly spread."""
    turns = [number for number, count in enumerate(counts) for _ in range(count)]
    rng.shuffle(turns)
    return (next(sources[number]) for number in turns)


def _insert(connection: Connection, table: Any, rows: Rows) -> None:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == AT_ONCE:
            connection.execute(insert(table), batch)
            batch.clear()
    if batch:
        connection.execute(insert(table), batch)


def _id(connection: Connection, model: Any, **values: Any) -> int:
    return int(connection.execute(insert(model).values(**values)).inserted_primary_key[0])
