"""A run gets to the state of its workspace by a password that ends with it."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from app.db import db, transaction
from app.models import HELD, Inventory, Project, Task, TaskStatus
from app.services import run_specs
from tests import factories
from tests.api.terraform_tools import INFO, Send, sender, versions
from tests.factories import state_text


@pytest.fixture
def workspace(project: Project) -> Inventory:
    return factories.workspace(project)


@pytest.fixture(autouse=True)
def known(setting) -> None:
    """Runs know the address of the server, whatever its database is."""
    setting(WEB_HOST="http://localhost")


@pytest.fixture
def send(client: FlaskClient, project: Project, workspace: Inventory) -> Send:
    return sender(client, project, workspace)


def running(project: Project, workspace: Inventory | None, **params: Any) -> Task:
    """A run that some worker holds, of a template that overrides its backend."""
    template = factories.template(
        project, app="terraform", playbook="", task_params={"override_backend": True} | params,
        inventory_id=workspace and workspace.id,
    )  # fmt: skip
    return factories.task(template, status="running", claim=f"claim-{workspace and workspace.id}")


def access(task: Task) -> tuple[str, tuple[str, str]]:
    """The name of the run's address, and its login."""
    with transaction(write=False):
        state = run_specs.build(run_specs.load(task.id)).state
    assert state and not state.lacking
    return state.address.rpartition("/")[2], (state.login, state.password)


def test_a_run_gets_to_the_state_of_its_workspace(send: Send, project, workspace) -> None:
    task = running(project, workspace)
    at, login = access(task)
    assert send("LOCK", INFO, at=at, login=login).status_code == 200
    sent = send("POST", state_text().encode(), at=at, query="?ID=lock-a", login=login)
    assert sent.status_code == 200
    assert send("UNLOCK", INFO, at=at, login=login).status_code == 200
    [row] = versions(workspace)
    assert (row.task_id, row.alias) == (task.id, "")
    assert send("GET").json["serial"] == 1


@pytest.mark.parametrize("status", [one for one in TaskStatus if one not in HELD])
def test_the_password_of_a_run_ends_with_it(send: Send, project, workspace, status: str) -> None:
    task = running(project, workspace)
    at, login = access(task)
    with transaction():
        db.session.execute(update(Task).where(Task.id == task.id).values(status=status))
    assert send("GET", at=at, login=login).status_code == 401


def test_another_claim_of_the_run_has_another_password(send: Send, project, workspace) -> None:
    task = running(project, workspace)
    at, login = access(task)
    with transaction():
        db.session.execute(update(Task).where(Task.id == task.id).values(claim="next"))
    assert send("GET", at=at, login=login).status_code == 401


def test_the_password_of_a_run_is_for_its_workspace_alone(send: Send, project, workspace) -> None:
    task, other = running(project, workspace), factories.workspace(project, "other")
    at, login = access(task)
    with transaction():
        db.session.execute(update(Task).where(Task.id == task.id).values(inventory_id=other.id))
    assert send("GET", at=at, login=login).status_code == 401


def test_a_run_cannot_be_another_one(send: Send, project: Project, workspace: Inventory) -> None:
    foreign = factories.project("Somebody else's")
    theirs = running(foreign, factories.workspace(foreign))
    factories.state(factories.again(Inventory, theirs.template.inventory_id))
    mine = running(project, workspace)
    (at, login), (their_at, _) = access(mine), access(theirs)
    assert send("GET", at=at, login=login).status_code == 204
    assert send("GET", at=their_at, login=login).status_code == 401
    assert send("GET", login=login).status_code == 401  # at the alias of its own workspace
    assert send("GET", at=at).status_code == 401  # with the login of the alias


def test_a_run_takes_no_lock_away(send: Send, project: Project, workspace: Inventory) -> None:
    at, login = access(running(project, workspace))
    send("LOCK", INFO)
    assert send("UNLOCK", at=at, login=login).status_code == 409
    assert send("UNLOCK", INFO | {"ID": "x"}, at=at, login=login).status_code == 409


def test_guesses_at_a_run_shut_nobody_out(send: Send, project, workspace) -> None:
    """A task on the same machine could else keep another one from its state."""
    at, login = access(running(project, workspace))
    assert {send("GET", at=at, login=("run", "x")).status_code for _ in range(20)} == {401}
    assert send("GET", at=at, login=login).status_code == 204


def test_a_run_needs_a_workspace(project: Project) -> None:
    task = running(project, None)
    with transaction(write=False):
        spec = run_specs.build(run_specs.load(task.id))
    assert "choose one in the template" in spec.state.lacking and not spec.state.password


def test_a_run_needs_to_know_where_the_server_is(
    project: Project, workspace: Inventory, setting
) -> None:
    task = running(project, workspace)

    def address() -> str:
        with transaction(write=False):
            state = run_specs.build(run_specs.load(task.id)).state
        return state.address or state.lacking

    setting(DATABASE_URL="postgresql://db.example.test/x", WEB_HOST="")
    assert "SEMAPHORE_WEB_HOST" in address()
    setting(WEB_HOST="https://ui.example.test/base/")
    assert address() == f"https://ui.example.test/base/api/terraform/run-{task.id}"
    setting(TASK_WEB_HOST="http://inside.test:3000")
    assert address() == f"http://inside.test:3000/api/terraform/run-{task.id}"
    setting(DATABASE_URL="sqlite:///x", WEB_HOST="", TASK_WEB_HOST="", INTERFACE="0.0.0.0")
    assert address().startswith("http://127.0.0.1:3000/api/terraform/run-")


def test_the_password_of_a_run_is_masked_in_its_log(project: Project, workspace) -> None:
    task = running(project, workspace)
    with transaction(write=False):
        spec = run_specs.build(run_specs.load(task.id))
    assert spec.state.password in spec.secrets and spec.state.password not in repr(spec)


def test_no_run_gets_there_whose_template_does_not_say_so(project: Project, workspace) -> None:
    task = running(project, workspace, override_backend=False)
    with transaction(write=False):
        assert run_specs.build(run_specs.load(task.id)).state is None
