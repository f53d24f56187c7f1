"""What a task was made of, as the API shows it."""

from app.db import transaction
from app.models import Project
from app.services import run_manifests
from tests import factories

FACTS = {
    "v": 1,
    "key": "k",
    "commit": {"hash": "a" * 40, "branch": "main", "message": "First"},
    "variables": [
        {"name": "stage", "place": "var", "origin": "group", "from": "Prod", "secret": False,
         "hash": "h", "value": "test"},
        {"name": "TOKEN", "place": "env", "origin": "group", "from": "Prod", "secret": True,
         "hash": "g", "hides": ["Shared"]},
    ],
    "tools": {"Bash": "5.2"},
    "command": {"line": "bash hello.sh"},
}  # fmt: skip


def test_it_shows_the_facts(api, project: Project) -> None:
    task = factories.task(factories.template(project), status="success")
    with transaction():
        run_manifests.keep(task.id, FACTS)
    found = api("dave").get(f"/api/project/{project.id}/tasks/{task.id}/manifest").json
    assert found["commit"] == FACTS["commit"]
    assert found["variables"][0] == FACTS["variables"][0]
    assert "value" not in found["variables"][1] and found["variables"][1]["hides"] == ["Shared"]
    assert (found["task_id"], found["command"]) == (task.id, "bash hello.sh")


def test_of_a_task_without_facts_it_is_empty(api, project: Project) -> None:
    task = factories.task(factories.template(project), status="waiting")
    found = api("dave").get(f"/api/project/{project.id}/tasks/{task.id}/manifest").json
    assert found == {
        "task_id": task.id, "variables": [], "parameters": {}, "template": {}, "tools": {},
        "requirements": {},
    }  # fmt: skip
