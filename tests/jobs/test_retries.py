"""A failed run is tried again by a real worker, with all that it was given."""

from pathlib import Path

import pytest
from sqlalchemy import select

from app.db import db, transaction
from app.models import Task, TaskStatus
from app.services import tasks
from tests.jobs.conftest import finishes, until
from tests.jobs.test_worker import lines, said

pytestmark = [pytest.mark.processes]
S = TaskStatus
ASKS = [{"name": "token", "title": "Token", "type": "secret", "required": True, "target": "env"}]


def after(task: Task) -> Task:
    def found() -> Task | None:
        return db.session.scalar(select(Task).where(Task.retry_of_id == task.id))

    return until(found)


def test_it_is_tried_again_until_it_works(worker, script, start, tmp_path: Path) -> None:
    count = tmp_path / "count"
    count.touch()
    text = f'echo "token ${{#token}}"; echo x >> {count}; [ $(wc -l < {count}) = 3 ]'
    first = start(script(text, retries=5, survey_vars=ASKS), secret='{"token": "hush"}')
    second = after(finishes(first))
    third = after(finishes(second))
    assert finishes(third).status == S.SUCCESS
    assert [task.status for task in (first, second)] == [S.ERROR, S.ERROR]
    assert all("token 4" in lines(task) for task in (first, second, third))
    assert db.session.scalars(select(Task.secret)).all() == [None] * 3
    assert count.read_text() == "x\n" * 3


def test_a_stop_ends_it_all(worker, script, start, project) -> None:
    task = start(script("echo up; sleep 60", retries=3))
    until(lambda: said(task, "up"))
    with transaction():
        tasks.stop(project, task.id, actor=None)
    assert finishes(task).status == S.STOPPED
    assert db.session.scalars(select(Task.retry_of_id)).all() == [None]
