import pytest

from app.models import Project, TaskTemplate
from app.schemas.tasks import TaskWithTpl
from app.services import task_rows, tasks
from tests import factories


@pytest.fixture
def template(project: Project) -> TaskTemplate:
    return factories.template(project)


def test_rows_are_newest_first_and_go_on_from_an_id(project: Project, template) -> None:
    ids = [factories.task(template).id for _ in range(5)]
    first = task_rows.find(project, count=2)
    assert [row["id"] for row in first] == [ids[4], ids[3]]
    assert [row["id"] for row in task_rows.find(project, before=ids[3], count=2)] == [
        ids[2],
        ids[1],
    ]


def test_rows_of_one_template(project: Project, template) -> None:
    run = factories.task(factories.template(project, "Other"))
    factories.task(template)
    assert [row["id"] for row in task_rows.find(project, template=run.template, count=9)] == [
        run.id
    ]


def test_a_row_shows_what_the_task_shows(project: Project, template, cast) -> None:
    task = factories.task(
        template,
        user_id=cast["carol"].id,
        message="hot fix",
        params={"limit": ["web"]},
        secret="v1.x",
        reason="It failed",
        commit_hash="c0ffee",
    )
    (row,) = task_rows.find(project, count=1)
    shown = TaskWithTpl.model_validate(row)
    assert shown == TaskWithTpl.of(tasks.get(project, task.id))
    assert shown.secret == ""
