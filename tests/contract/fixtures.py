"""What a request needs to act upon, made through the API as a client would."""

from collections.abc import Callable
from itertools import count
from typing import Any

from flask.testing import FlaskClient

Json = Any

# A parameter of a path -> what its id is taken from.
PARAMETERS = {
    "project_id": "project",
    "user_id": "user",
    "key_id": "key",
    "repository_id": "repository",
    "inventory_id": "inventory",
    "environment_id": "environment",
    "template_id": "template",
    "task_id": "task",
    "view_id": "view",
    "schedule_id": "schedule",
    "host_config_id": "host_config",
    "api_token_id": "token",
    "integration_id": "integration",
    "matcher_id": "matcher",
    "extractvalue_id": "value",
}


class Fixtures:
    """Objects by name, each made when it is first asked for, after those that it needs."""

    def __init__(self, client: FlaskClient) -> None:
        self._client = client
        self._made: dict[str, Json] = {}
        self._numbers = count(1)

    def __getitem__(self, name: str) -> int | str:
        """The id of the object."""
        if name not in self._made:
            self._made[name] = MAKERS[name](self)
        return self._made[name]["id"]

    def known(self, name: str) -> int | str | None:
        """The id of an object that was needed by now."""
        return self._made[name]["id"] if name in self._made else None

    def create(self, path: str, status: int = 201, **body: Json) -> Json:
        answer = self._client.post(f"/api{path}", json=body)
        assert answer.status_code == status, f"{path}: {answer.status_code} {answer.text}"
        return answer.json

    def in_project(self, path: str, **body: Json) -> Json:
        project = self["project"]
        return self.create(f"/project/{project}{path}", project_id=project, **body)

    def in_integration(self, path: str, status: int, **body: Json) -> Json:
        start = f"/project/{self['project']}/integrations/{self['integration']}"
        return self.create(f"{start}{path}", status, **body)

    def link(self, project: int | str, user: int | str) -> None:
        """Make a user a member."""
        body = {"user_id": user, "role": "owner"}
        assert self._client.post(f"/api/project/{project}/users", json=body).status_code == 204

    def word(self) -> str:
        """A name that was not used before."""
        return f"it{next(self._numbers)}"

    def new_user(self) -> Json:
        word = self.word()
        given = {"name": word, "username": word, "email": f"{word}@x.test", "password": "pa55-word"}
        return self.create("/users", **given)

    def finished_task(self) -> Json:
        """One that was stopped while it waited: no worker is needed for that."""
        task = self.in_project("/tasks", template_id=self["template"])
        url = f"/api/project/{self['project']}/tasks/{task['id']}"
        assert self._client.post(f"{url}/stop", json={"force": True}).status_code == 204
        assert self._client.get(url).json["status"] == "stopped"
        return task


MAKERS: dict[str, Callable[[Fixtures], Json]] = {
    "user": Fixtures.new_user,
    "project": lambda f: f.create("/projects", name="Contract", alert_chat="Test"),
    "token": lambda f: f.create("/user/tokens"),
    "key": lambda f: f.in_project("/keys", name="K", type="none"),
    "repository": lambda f: f.in_project(
        "/repositories",
        name="R",
        git_url="git@example.com:a/b",
        git_branch="develop",
        ssh_key_id=f["key"],
    ),
    "inventory": lambda f: f.in_project(
        "/inventory",
        name="I",
        inventory="x",
        type="static",
        ssh_key_id=f["key"],
        become_key_id=f["key"],
        repository_id=f["repository"],
    ),
    "environment": lambda f: f.in_project(
        "/environment", name="E", password="p", json="{}", env="{}"
    ),
    "view": lambda f: f.in_project("/views", title="Test", position=1),
    "template": lambda f: f.in_project(
        "/templates",
        name="T",
        inventory_id=f["inventory"],
        repository_id=f["repository"],
        environment_id=f["environment"],
        environment_ids=[f["environment"]],
        view_id=f["view"],
        playbook="t.yml",
        arguments="[]",
        description="d",
        app="ansible",
        git_branch="main",
        survey_vars=[],
        vaults=[],
    ),
    "schedule": lambda f: f.in_project(
        "/schedules", name="Nightly", cron_format="0 2 * * *", template_id=f["template"]
    ),
    "task": Fixtures.finished_task,
    "integration": lambda f: f.in_project("/integrations", name="I", template_id=f["template"]),
    "matcher": lambda f: f.in_integration(
        "/matchers",
        200,
        name="M",
        match_type="body",
        method="equals",
        body_data_type="json",
        key="ref",
        value="main",
    ),
    "value": lambda f: f.in_integration(
        "/values",
        201,
        name="V",
        value_source="body",
        body_data_type="json",
        key="ref",
        variable="REF",
    ),
    "alias": lambda f: f.create(f"/project/{f['project']}/integrations/aliases", 200),
    "own_alias": lambda f: f.in_integration("/aliases", 200),
    "host_config": lambda f: f.in_project(
        "/host_configs", type="host", host=f"{f.word()}.test", ssh_key_id=f["key"]
    ),
}
