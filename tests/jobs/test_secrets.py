"""A playbook proves that it has its secrets while nobody else can find one of them anywhere."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import select

from app.db import Base, db, transaction
from app.extensions import redis
from app.lib.process_tree import descendants
from app.models import AccessKeyType, TaskStatus, TemplateVault
from app.schemas.environments import EnvironmentIn
from app.services import environments, secrets, task_output
from tests import factories
from tests.jobs.conftest import finishes, until

pytestmark = [pytest.mark.processes]

TOKEN, BECOME, VAULT = "token-7b1f93aa51", "become-52c98be017", "vault-0d4e6621cc"
PLAYBOOK = """
- hosts: all
  gather_facts: false
  tasks:
    - assert:
        that: token | length == 16 and token is search('7b1f93')
    - debug:
        msg: "it has the secrets: {{ token }}"
    - wait_for:
        path: %s
        timeout: 100
"""


@pytest.fixture
def template(project, tmp_path):
    """A playbook that says its secret and then waits for the file `go`."""
    path = factories.git_repository(tmp_path / "repo", site_yml=PLAYBOOK % (tmp_path / "go"))
    secret = {"name": "token", "secret": TOKEN, "type": "var", "operation": "create"}
    with transaction():
        group = EnvironmentIn(name="Secrets", secrets=[secret])
        made = environments.create(project, group, actor=None)
    become, vault = (password(project, value) for value in (BECOME, VAULT))
    repository = factories.repository(project, git_url=f"file://{path}")
    hosts = "here ansible_connection=local\n"
    inventory = factories.inventory(project, inventory=hosts, become_key_id=become.id)
    template = factories.template(
        project, app="ansible", playbook="site.yml", repository_id=repository.id,
        inventory_id=inventory.id,
    )  # fmt: skip
    with transaction():
        template.environments = [made]
        template.vaults = [TemplateVault(vault_key_id=vault.id)]
    return template


def password(project, value: str):
    key = factories.access_key(project, value[:6], type=AccessKeyType.LOGIN_PASSWORD)
    with transaction():
        secrets.seal(key, f'{{"login": "", "password": "{value}"}}')
    return key


def said(task, text: str) -> bool:
    return any(text in line for line in task_output.lines(task, 0, 2000).lines)


def find(places: Iterator[tuple[str, bytes]]) -> list[str]:
    wanted = [value.encode() for value in (TOKEN, BECOME, VAULT)]
    return [name for name, content in places if any(value in content for value in wanted)]


def processes() -> Iterator[tuple[str, bytes]]:
    for pid in (int(name) for name in os.listdir("/proc") if name.isdigit()):
        for kind in ("cmdline", "environ"):
            try:
                yield f"{kind} of {pid}", Path(f"/proc/{pid}/{kind}").read_bytes()
            except OSError:
                continue


def files(app) -> list[str]:
    """Files with a secret where a run may leave some: the data directory, and folders of ours
    among temporary ones. Another process looks: one that closes a file of SQLite's drops the
    locks that it has on it."""
    data = app.config["HELIOGRAPH"].DATA_DIR
    folders = [data, *Path(tempfile.gettempdir()).glob("heliograph-*")]
    command = ["grep", "-rlaF", "-D", "skip", "-f", "-", *map(str, folders)]
    wanted = "\n".join((TOKEN, BECOME, VAULT))
    done = subprocess.run(command, input=wanted, capture_output=True, text=True)
    return done.stdout.splitlines()


def rows() -> Iterator[tuple[str, bytes]]:
    with transaction(write=False):
        for table in Base.metadata.sorted_tables:
            for row in db.session.execute(select(table)):
                yield table.name, repr(tuple(row)).encode()


def in_redis(client: Redis) -> Iterator[tuple[str, bytes]]:
    for key in client.scan_iter():
        read = {b"string": client.get, b"hash": client.hgetall, b"stream": client.xrange}
        kind = client.type(key)
        if kind in read:
            yield repr(key), repr(read[kind](key)).encode()
        elif kind == b"list":
            yield repr(key), repr(client.lrange(key, 0, -1)).encode()


def test_secrets_are_with_the_run_alone(app, worker, template, start, tmp_path) -> None:
    task = start(template)
    until(lambda: said(task, "it has the secrets"))
    assert said(task, "it has the secrets: ***")
    assert find(processes()) == []
    assert files(app) == []
    assert find(rows()) == [] and find(in_redis(redis.client)) == []
    (tmp_path / "go").touch()
    assert finishes(task).status == TaskStatus.SUCCESS
    assert files(app) == [] and find(rows()) == []


def test_nothing_of_them_is_left_when_the_worker_is_killed(app, worker, template, start) -> None:
    task = start(template)
    until(lambda: said(task, "it has the secrets"))
    everybody = descendants(worker.process.pid)
    worker.process.kill()
    worker.process.wait(30)
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in everybody))
    assert find(processes()) == []
    assert files(app) == []
    assert find(rows()) == [] and find(in_redis(redis.client)) == []
