"""One function for each thing that tests need, with the least that makes it valid."""

import json
import os
import socket
import subprocess
from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import csrf
from app.db import db, transaction
from app.identity import COOKIE
from app.lib import passwords
from app.lib.plan_changes import PlanChanges
from app.lib.tool_outputs import ToolOutput
from app.models import (
    AccessKey,
    CustomRole,
    Environment,
    HostConfig,
    HostKey,
    Integration,
    IntegrationAlias,
    IntegrationDelivery,
    IntegrationExtractValue,
    IntegrationMatcher,
    Inventory,
    Project,
    ProjectUser,
    ProjectView,
    Repository,
    Schedule,
    Task,
    TaskArtifact,
    TaskTemplate,
    TemplateRole,
    TerraformAlias,
    TerraformState,
    User,
)
from app.permissions import Role
from app.schemas.access_keys import AccessKeyIn
from app.services import (
    access_keys,
    api_tokens,
    sessions,
    task_artifacts,
    task_plan_changes,
    task_tool_outputs,
    terraform_locks,
    terraform_states,
    workers,
)
from app.services.terraform_access import Caller

PASSWORD = "correct horse battery"
# A public key as known_hosts has it; its private one is nobody's.
PUBLIC_KEY = "AAAAC3NzaC1lZDI1NTE5AAAAIKCHAGIRCj/U6FgWA8gqCitOHA4sAb40nlnbHlzPmgem"
ROLES = {
    "alice": Role.OWNER,
    "bob": Role.MANAGER,
    "carol": Role.TASK_RUNNER,
    "dave": Role.GUEST,
}


def _add(row: Any) -> Any:
    with transaction():  # a worker may write beside the test: what was only read cannot be upgraded
        db.session.add(row)
    return row


def again(model: Any, row_id: int) -> Any:
    """A row that something else has made."""
    return db.session.get_one(model, row_id)


def save() -> None:
    """Commit what a test has changed on rows."""
    db.session.commit()


def user(name: str, **values: Any) -> User:
    given = {"name": name.capitalize(), "email": f"{name}@example.test", "password": ""}
    return _add(User(username=name, **given | values))


def cast() -> dict[str, User]:
    people = {name: user(name) for name in (*ROLES, "mallory")}
    return people | {"root": user("root", admin=True)}


def project(name: str = "Alice's project", **values: Any) -> Project:
    return _add(Project(name=name, **values))


def project_of(people: dict[str, User]) -> Project:
    made = project()
    with transaction():
        for name, role in ROLES.items():
            db.session.add(ProjectUser(project_id=made.id, user_id=people[name].id, role=role))
    return made


def member(project: Project, user: User, role: str) -> ProjectUser:
    return _add(ProjectUser(project_id=project.id, user_id=user.id, role=role))


def access_key(project: Project, name: str = "None", **values: Any) -> AccessKey:
    return _add(AccessKey(project_id=project.id, name=name, **{"type": "none"} | values))


def repository(project: Project, **values: Any) -> Repository:
    given: dict[str, Any] = {"name": "Scripts", "git_url": "https://git.example.test/scripts.git"}
    given |= {"git_branch": "main"} | values
    if "ssh_key_id" not in given:
        given["ssh_key_id"] = access_key(project).id
    return _add(Repository(project_id=project.id, **given))


def host_config(project: Project, host: str = "mapped.example.test", **values: Any) -> HostConfig:
    given = {"type": "host"} | values
    if "ssh_key_id" not in given:
        given["ssh_key_id"] = access_key(project, "Mapped", type="ssh").id
    return _add(HostConfig(project_id=project.id, host=host, **given))


def host_key(project: Project, host: str = "known.example.test", **values: Any) -> HostKey:
    given = {"type": "ssh-ed25519", "key": PUBLIC_KEY} | values
    return _add(HostKey(project_id=project.id, host=host, **given))


def environment(project: Project, name: str = "Empty", **values: Any) -> Environment:
    return _add(Environment(project_id=project.id, name=name, **{"json": "{}"} | values))


def inventory(project: Project, name: str = "Hosts", **values: Any) -> Inventory:
    given = {"type": "static", "inventory": "localhost"} | values
    return _add(Inventory(project_id=project.id, name=name, **given))


def template(project: Project, name: str = "Hello", **values: Any) -> TaskTemplate:
    given: dict[str, Any] = {"app": "bash", "playbook": "hello.sh"} | values
    if "repository_id" not in given:
        given["repository_id"] = repository(project).id
    return _add(TaskTemplate(project_id=project.id, name=name, **given))


def task(template: TaskTemplate, **values: Any) -> Task:
    return _add(Task(project_id=template.project_id, template_id=template.id, **values))


def artifact(task: Task, name: str, content: bytes) -> TaskArtifact:
    """A file that a run has left, whoever held it."""
    claim, task.claim = task.claim, "artifact"
    db.session.flush()
    task_artifacts.keep(task.id, "artifact", name, BytesIO(content))
    task.claim = claim
    save()
    return next(row for row in task_artifacts.of(task) if row.name == name)


def plan(task: Task, changes: PlanChanges | None, **told: Any) -> None:
    """What a run has told of its plan, whoever held it."""
    claim, task.claim = task.claim, "plan"
    db.session.flush()
    given = {"sha256": "a" * 64, "line": 7} | told
    task_plan_changes.keep(task, "plan", str, changes=changes, **given)
    task.claim = claim
    save()


def outputs(task: Task, **values: str | None) -> None:
    """The outputs of what a run has applied, whoever held it; those of None are sensitive."""
    claim, task.claim = task.claim, "outputs"
    db.session.flush()
    found = [
        ToolOutput(name, "string", sensitive=value is None, value=value)
        for name, value in values.items()
    ]
    task_tool_outputs.keep(task, "outputs", str, outputs=found)
    task.claim = claim
    save()


def worker(slots: int = 2, tags: tuple[str, ...] = ()) -> str:
    """The id of a worker that has shown its life."""
    with transaction():
        worker_id = workers.register(slots, list(tags))
        db.session.flush()
        workers.beat(worker_id)
    return worker_id


def view(project: Project, title: str = "Deploy", **values: Any) -> ProjectView:
    return _add(ProjectView(project_id=project.id, title=title, **values))


def role(project: Project | None, slug: str, permissions: int = 5) -> CustomRole:
    """A custom role of a project, or (None) of all projects."""
    where = {"project_id": project.id, "scope": project.id} if project else {}
    name = slug.capitalize()
    return _add(CustomRole(slug=slug, name=name, permissions=permissions, **where))


def attached(template: TaskTemplate, role: CustomRole, permissions: int = 5) -> TemplateRole:
    return _add(TemplateRole(template_id=template.id, role_id=role.id, permissions=permissions))


def holds(project: Project, user: User, *roles: CustomRole) -> None:
    """A member has these custom roles, and no others."""
    query = select(ProjectUser).filter_by(project_id=project.id, user_id=user.id)
    with transaction():
        db.session.scalars(query).one().custom_roles = list(roles)


def integration(template: TaskTemplate, name: str = "Hook", **values: Any) -> Integration:
    return _add(
        Integration(project_id=template.project_id, template_id=template.id, name=name, **values)
    )


def matcher(integration: Integration, key: str = "ref", value: str = "main", **values: Any) -> Any:
    """A condition on the JSON of the body, unless told otherwise."""
    given = {"name": key, "match_type": "body", "body_data_type": "json", "method": "equals"}
    given |= {"integration_id": integration.id, "key": key, "value": value}
    return _add(IntegrationMatcher(**(given | values)))


def extract_value(integration: Integration, key: str, variable: str, **values: Any) -> Any:
    """What a run gets of the JSON of the body, unless told otherwise."""
    given = {"name": variable, "value_source": "body", "body_data_type": "json", "key": key}
    given |= {"integration_id": integration.id, "variable": variable}
    return _add(IntegrationExtractValue(**(given | values)))


def alias(project: Project, integration: Integration | None = None, name: str = "") -> str:
    """An address of an integration, or of a project's searchable ones."""
    wanted = name or f"alias{project.id}x{integration.id if integration else 0}"
    _add(
        IntegrationAlias(
            project_id=project.id, integration_id=integration and integration.id, alias=wanted
        )
    )
    return wanted


def workspace(project: Project, name: str = "default", **values: Any) -> Inventory:
    """The workspace of a state."""
    return inventory(project, name, type="terraform-workspace", inventory=name, **values)


def state_text(serial: int = 1, lineage: str = "first", **resources: Any) -> str:
    """A state with resources of terraform_data: one="its input"."""
    found = [
        {"mode": "managed", "type": "terraform_data", "name": name, "provider": "p",
         "instances": [{"attributes": {"id": name, "input": value}}]}
        for name, value in resources.items()
    ]  # fmt: skip
    return json.dumps({"version": 4, "serial": serial, "lineage": lineage, "outputs": {},
                       "resources": found})  # fmt: skip


def state(workspace: Inventory, serial: int = 1, **given: Any) -> TerraformState:
    """The next version of its state."""
    caller = Caller(workspace.project_id, workspace.id)
    with transaction():
        terraform_states.write(caller, state_text(serial, **given).encode(), "")
    query = select(TerraformState).filter_by(inventory_id=workspace.id)
    return db.session.scalars(query.order_by(TerraformState.id.desc())).first()


def state_lock(workspace: Inventory, lock_id: str = "lock-1") -> None:
    info = json.dumps({"ID": lock_id, "Operation": "OperationTypeApply", "Who": "ada@laptop"})
    with transaction():
        caller = Caller(workspace.project_id, workspace.id)
        terraform_locks.take(caller, terraform_locks.read(info.encode()))


def login_key(project: Project, password: str = "s3cret", login: str = "ci") -> AccessKey:
    given = {"login": login, "password": password}
    data = AccessKeyIn(name="State", type="login_password", login_password=given)
    with transaction():
        return access_keys.create(project, data, actor=None)


def state_alias(workspace: Inventory, key: AccessKey, name: str = "") -> TerraformAlias:
    wanted = name or f"state{workspace.id:011}"
    return _add(
        TerraformAlias(
            project_id=workspace.project_id,
            inventory_id=workspace.id,
            auth_key_id=key.id,
            alias=wanted,
        )
    )


def delivery(integration: Integration, **values: Any) -> IntegrationDelivery:
    given = {"method": "POST", "headers": {}, "query": {}, "body": b"{}", "body_length": 2}
    given |= {"project_id": integration.project_id, "integration_id": integration.id}
    return _add(IntegrationDelivery(**(given | {"verdict": "unmatched"} | values)))


def schedule(template: TaskTemplate, name: str = "Nightly", **values: Any) -> Schedule:
    given = {"cron_format": "0 2 * * *"} | values
    return _add(
        Schedule(project_id=template.project_id, template_id=template.id, name=name, **given)
    )


@cache
def password_hash() -> str:
    """The hash of PASSWORD; making it takes a while."""
    return passwords.hash_password(PASSWORD)


class Client(FlaskClient):
    """Each request has a `g` and a database session of its own, as on a server.

    The tests hold an application context, which a request would otherwise share with them and
    with the requests before it: it would still know who signed in last.
    """

    def open(self, *args: Any, **kwargs: Any) -> Any:
        db.session.rollback()
        db.session.expire_all()  # what the test has read may be stale after the request
        with self.application.app_context():
            return super().open(*args, **kwargs)


def browser_of(app: Flask) -> Callable[[str], FlaskClient]:
    def sign_in(name: str) -> FlaskClient:
        person = db.session.scalars(select(User).filter_by(username=name)).one()
        with transaction():
            secret = sessions.open_for(person, ip="127.0.0.1", user_agent="test")
        client = app.test_client()
        client.set_cookie(COOKIE, secret)
        client.environ_base["HTTP_X_CSRF_TOKEN"] = csrf.token_of(sessions.find(secret).id)
        return client

    return sign_in


def api_of(app: Flask) -> Callable[[str], FlaskClient]:
    def sign_in(name: str) -> FlaskClient:
        person = db.session.scalars(select(User).filter_by(username=name)).one()
        with transaction():
            secret = api_tokens.create(person)[1]
        client = app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
        return client

    return sign_in


def git(*arguments: str, cwd: Path) -> str:
    identity = {"GIT_AUTHOR_NAME": "Alice", "GIT_AUTHOR_EMAIL": "alice@example.test"}
    identity |= {"GIT_COMMITTER_NAME": "Alice", "GIT_COMMITTER_EMAIL": "alice@example.test"}
    env = os.environ | identity | {"GIT_CONFIG_GLOBAL": "/dev/null"}
    done = subprocess.run(
        ["git", *arguments], cwd=cwd, env=env, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def git_repository(path: Path, **files: str) -> Path:
    """A repository on branch main with one commit; `files` maps names (_ for .) to contents."""
    path.mkdir(parents=True)
    git("init", "-q", "-b", "main", cwd=path)
    for name, content in (files or {"hello_sh": "echo hello\n"}).items():
        (path / name.replace("_", ".")).write_text(content)
    commit(path, "First")
    return path


def commit(path: Path, message: str) -> str:
    git("add", "-A", cwd=path)
    git("commit", "-q", "-m", message, cwd=path)
    return git("rev-parse", "HEAD", cwd=path)


def private_key(passphrase: str = "") -> str:
    """A new Ed25519 key as ssh-keygen writes it."""
    lock: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        lock = serialization.BestAvailableEncryption(passphrase.encode())
    key = ed25519.Ed25519PrivateKey.generate()
    form = serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH
    return key.private_bytes(*form, lock).decode()


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
