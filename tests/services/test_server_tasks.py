import pytest

from app.errors import NotFound
from app.models import Project, User
from app.services import server_tasks
from tests import factories


def test_a_task_of_any_project_is_stopped(cast: dict[str, User], project: Project) -> None:
    task = factories.task(factories.template(project))
    assert server_tasks.stop(task.id, actor=cast["root"]).status == "stopped"


def test_an_unknown_task_is_not_found(cast: dict[str, User]) -> None:
    with pytest.raises(NotFound):
        server_tasks.stop(10**17, actor=cast["root"])
