"""Many people decide about one plan at the same moment: one of them does, on each database."""

import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import select

from app.application import create_app
from app.config import Config
from app.db import db, transaction
from app.errors import DomainError, Invalid
from app.executors.saved_plan import SavedPlan
from app.models import Event, Project, Task, TaskPlan, TaskStatus, User
from app.services import task_plans
from tests import factories

pytestmark = [pytest.mark.processes, pytest.mark.timeout(300)]
S = TaskStatus
KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
ROUNDS, PEOPLE = 5, 6


@pytest.fixture(params=["sqlite", "postgresql", "mysql"])
def server(request: pytest.FixtureRequest, redis_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The application on a database of this kind, with its tables."""
    own = f"sqlite:///{tmp_path}/race.db"
    url = own if request.param == "sqlite" else request.getfixturevalue(request.param)
    config = Config(
        DATA_DIR=tmp_path / "instance",
        SECRET_KEY="for tests only",
        ACCESS_KEY_ENCRYPTION=KEY,
        DATABASE_URL=url,
        REDIS_URL=redis_url,
        LOG_LEVEL="WARNING",
        TESTING=True,
    )
    app = create_app(config)
    with app.app_context():
        upgrade()
        yield app
        db.session.remove()
        db.engine.dispose()


def race(app: Flask, decisions: list[Callable[[], object]]) -> list[object]:
    """What came of each decision; all begin at once."""
    start = threading.Barrier(len(decisions))
    ended: list[object] = []

    def act(decide: Callable[[], object]) -> None:
        with app.app_context():
            start.wait()
            try:
                with transaction():
                    ended.append(decide())
            except DomainError as error:
                ended.append(error)

    threads = [threading.Thread(target=act, args=(one,)) for one in decisions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ended


def decision(project_id: int, task_id: int, number: int, user_id: int) -> Task:
    project, actor = db.session.get_one(Project, project_id), db.session.get_one(User, user_id)
    decide = task_plans.confirm if number % 2 else task_plans.reject
    given = {"sha256": "f" * 64} if number % 2 else {}
    return decide(project, task_id, actor=actor, comment=f"says {number}", **given)


def test_one_decides_and_the_others_are_told(server: Flask) -> None:
    people = [factories.user(f"person{n}").id for n in range(PEOPLE)]
    project = factories.project()
    template = factories.template(project, app="terraform", allow_parallel_tasks=True)
    for _ in range(ROUNDS):
        task = factories.task(template, status=S.WAITING_CONFIRMATION)
        with transaction():
            task_plans.keep(task, SavedPlan(b"a plan", "f" * 64))
        task_id, project_id = task.id, project.id
        db.session.remove()
        ended = race(
            server,
            [partial(decision, project_id, task_id, n, who) for n, who in enumerate(people)],
        )
        lost = [one for one in ended if isinstance(one, DomainError)]
        assert len(ended) == PEOPLE and len(lost) == PEOPLE - 1
        assert all(type(error) is Invalid and error.status == 400 for error in lost)
        check(task_id, people)


def check(task_id: int, people: list[int]) -> None:
    """State, plan and activity tell of the same decision."""
    with transaction(write=False):
        task = db.session.get_one(Task, task_id)
        plan = db.session.scalars(select(TaskPlan).where(TaskPlan.task_id == task_id)).one()
        told = db.session.scalars(
            select(Event).where(Event.object_type == "task", Event.object_id == task_id)
        ).all()
    assert len(told) == 1 and plan.comment and told[0].description.endswith(plan.comment)
    number = int(plan.comment.split()[1])
    assert task.status == (S.CONFIRMED if number % 2 else S.REJECTED)
    assert plan.user_id == told[0].user_id == people[number]
    assert (plan.secret is None) == (task.status == S.REJECTED)
