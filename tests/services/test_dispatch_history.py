"""Any history of starts, claims, stops, ends and crashes, on the real services: no limit is
exceeded, no task is lost, claimed twice or run again where its template does not allow it."""

from collections import Counter
from dataclasses import replace
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from app.clock import now_ms
from app.db import db, transaction
from app.models import ACTIVE, FINISHED, HELD, Project, Task, TaskStatus
from app.schemas.tasks import TaskIn
from app.services import dispatch, sweep, task_states, tasks
from app.services.lease import renewal
from app.services.sweep import MOST_ATTEMPTS
from tests import factories

S = TaskStatus
SERVER_LIMIT = 3
STEPS = ("start", "start", "claim", "claim", "run", "finish", "stop", "crash", "sweep", "wake")


class History:
    """What should be, beside what the services make of it."""

    def __init__(self, project: Project, limit: int) -> None:
        self.limits = {project.id: limit, factories.project("Free").id: 0}
        self.projects = {n: db.session.get_one(Project, n) for n in self.limits}
        with transaction():
            rows = update(Project).where(Project.id == project.id)
            db.session.execute(rows.values(max_parallel_tasks=limit))
        self.shapes = [
            factories.template(one, n, allow_parallel_tasks="p" in n, rerun_if_lost="r" in n)
            for one in self.projects.values()
            for n in ("a", "b", "p", "r", "pr")
        ]
        self.started: list[int] = []
        self.held: dict[int, str] = {}  # by whom a task is held, who works or has crashed
        self.crashed: dict[int, str] = {}
        self.gone: list[tuple[int, str]] = []  # who was given up for dead
        self.ran = Counter[int]()
        self.ended: dict[int, str] = {}
        self.claims = 0

    def step(self, name: str, number: int) -> None:
        getattr(self, name)(number)
        self.check()

    def start(self, number: int) -> None:
        shape = self.shapes[number % len(self.shapes)]
        with transaction():
            given = TaskIn(template_id=shape.id)
            task = tasks.start(self.projects[shape.project_id], given, actor=None)
        self.started.append(task.id)

    def claim(self, _number: int) -> Task | None:
        self.claims += 1
        name = f"claim {self.claims}"
        with transaction():
            task = dispatch.claim("", "worker", name)
        if task:
            assert task.id not in self.held and task.id not in self.ended
            self.held[task.id] = name
        return task

    def run(self, number: int) -> None:
        """The command starts: its state says so before."""
        if task := self._chosen(self._working(), number):
            with transaction():
                if task_states.move(task, S.RUNNING, held_by=self.held[task.id]):
                    self.ran[task.id] += 1
            assert self.ran[task.id] <= 1 or task.template.rerun_if_lost

    def finish(self, number: int) -> None:
        self.run(number)  # if it has not begun
        if task := self._chosen(self._working(), number):
            claim = self.held.pop(task.id)
            assert self._settled(task, claim)

    def _settled(self, task: Task, claim: str) -> bool:
        """As a run ends: where a stop came in between, it ends as stopped."""
        settle = task_states.settle
        with transaction():
            return settle(task, S.SUCCESS, claim) or settle(task, S.STOPPED, claim)

    def stop(self, number: int) -> None:
        if task := self._chosen(self.started, number):
            with transaction():
                tasks.stop(self.projects[task.project_id], task.id, actor=None)

    def crash(self, number: int) -> None:
        """Its holder renews the lease no more."""
        if task := self._chosen(self._working(), number):
            self.crashed[task.id] = self.held[task.id]
            with transaction():
                rows = update(Task).where(Task.id == task.id)
                db.session.execute(rows.values(lease_until=now_ms() - 1))

    def sweep(self, _number: int) -> None:
        sweep.bury_the_dead()
        self.gone += self.crashed.items()
        self.held = {n: claim for n, claim in self.held.items() if n not in self.crashed}
        self.crashed.clear()

    def wake(self, number: int) -> None:
        """One that only slept goes on: in time it renews its lease, later it can write nothing."""
        if self.crashed:
            task_id = list(self.crashed)[number % len(self.crashed)]
            with transaction():
                done: Any = db.session.execute(renewal(task_id, self.crashed.pop(task_id)))
            assert done.rowcount == 1
        elif self.gone:
            task_id, claim = self.gone[number % len(self.gone)]
            task = db.session.get_one(Task, task_id, populate_existing=True)
            before = task.status
            assert not self._settled(task, claim)
            db.session.refresh(task)
            assert task.status == before

    def _working(self) -> list[int]:
        return [task_id for task_id in self.held if task_id not in self.crashed]

    def _chosen(self, ids: list[int], number: int) -> Task | None:
        found = (
            db.session.get(Task, ids[number % len(ids)], populate_existing=True) if ids else None
        )
        db.session.commit()
        return found

    def check(self) -> None:
        """The rows agree with what has happened, and no limit is exceeded."""
        db.session.expire_all()
        rows = list(db.session.scalars(select(Task).order_by(Task.id)))
        assert [task.id for task in rows] == self.started
        assert {task.id: task.claim for task in rows if task.status in HELD} == self.held
        ended = {task.id: task.status for task in rows if task.status in FINISHED}
        assert self.ended.items() <= ended.items()
        self.ended = ended
        for task in rows:
            assert task.status != S.SUCCESS or self.ran[task.id]
            assert task.status != S.ERROR or self.ran[task.id] or task.attempts == MOST_ATTEMPTS
        self._check_limits([task for task in rows if task.status in ACTIVE])
        waiting = {task.id for task in rows if task.status == S.WAITING}
        assert dispatch.waiting_reasons().keys() == waiting
        db.session.rollback()

    def _check_limits(self, active: list[Task]) -> None:
        assert len(active) <= SERVER_LIMIT
        for project_id, limit in self.limits.items():
            assert not limit or sum(task.project_id == project_id for task in active) <= limit
        alone = Counter(t.template_id for t in active if not t.template.allow_parallel_tasks)
        assert max(alone.values(), default=0) <= 1

    def end(self) -> None:
        """All that was started comes to its end, and nothing waits for ever."""
        self.step("sweep", 0)
        while len(self.ended) < len(self.started):
            while self.held:
                self.step("finish", 0)
            if len(self.ended) < len(self.started):
                assert self.claim(0), "what waits is never taken"


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    steps=st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 30)), min_size=30, max_size=80),
    limit=st.integers(0, 3),
)
def test_no_history_loses_a_task_or_exceeds_a_limit(
    app: Flask, project: Project, steps: list[tuple[str, int]], limit: int
) -> None:
    db.session.query(Task).delete()
    db.session.commit()
    before = app.config["HELIOGRAPH"]
    app.config["HELIOGRAPH"] = replace(before, MAX_PARALLEL_TASKS=SERVER_LIMIT)
    try:
        history = History(project, limit)
        for name, number in steps:
            history.step(name, number)
        history.end()
    finally:
        app.config["HELIOGRAPH"] = before
