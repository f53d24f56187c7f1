from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.db import db
from app.models import Project, Task
from app.services.task_output_writer import TaskOutput
from tests import factories

Api = Callable[[str], FlaskClient]
AT = 1_795_000_000_123  # 2026-11-18T11:06:40.123Z


@pytest.fixture
def url(project: Project) -> str:
    """A finished task with three lines."""
    task = factories.task(factories.template(project), status="running", claim="c")
    output = TaskOutput(task.id, "c")
    output.line("first", at=AT)
    output.line("\x1b[32mgreen\x1b[0m “quoted”", at=AT)
    output.line("last", at=AT + 1000)
    output.drain()
    output.close()
    db.session.get_one(Task, task.id).status = "success"
    factories.save()
    return f"/api/project/{project.id}/tasks/{task.id}"


def test_every_line_has_its_task_and_its_time(api: Api, url: str) -> None:
    answer = api("dave").get(f"{url}/output")
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert answer.text.endswith("]\n")
    task_id = int(url.rsplit("/", 1)[1])
    assert [(line["id"], line["task_id"], line["output"]) for line in answer.json] == [
        (1, task_id, "first"),
        (2, task_id, "\x1b[32mgreen\x1b[0m “quoted”"),
        (3, task_id, "last"),
    ]
    assert answer.json[0]["time"] == "2026-11-18T11:06:40.123000Z"


def test_the_raw_output_is_plain_text(api: Api, url: str) -> None:
    answer = api("dave").get(f"{url}/raw_output")
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.text == "first\ngreen “quoted”\nlast\n"


def test_a_task_without_output_has_an_empty_list(api: Api, project: Project) -> None:
    task = factories.task(factories.template(project))
    url = f"/api/project/{project.id}/tasks/{task.id}"
    assert api("dave").get(f"{url}/output").json == []
    assert api("dave").get(f"{url}/raw_output").text == ""
