"""Hosts that ask for a password, by the real ssh: it is typed once and shown nowhere."""

import pytest

from app.executors.spec import InventorySpec, Key
from tests.executors.runs import run
from tests.executors.test_ansible import play  # noqa: F401  a fixture
from tests.ssh_password import password_server

PASSWORD = "correct horse 'battery"
PLAY = "- hosts: all\n  gather_facts: false\n  tasks:\n    - raw: echo over ssh\n"


def inventory(port: int, password: str) -> InventorySpec:
    user = Key(4, "Ann", "login_password", login="ann", password=password)
    text = f"web ansible_host=127.0.0.1 ansible_port={port}\n"
    return InventorySpec(3, "Web", "static", text, user)


def test_a_host_gets_the_password_of_the_user_key(play):  # noqa: F811
    with password_server("ann", PASSWORD) as server:
        outcome, told = run(play(PLAY, inventory=inventory(server.port, PASSWORD)))
    assert outcome.succeeded, told.text
    assert server.logins == [("ann", PASSWORD)]
    assert PASSWORD not in told.text


def test_a_wrong_password_leaves_the_host_unreachable(play):  # noqa: F811
    with password_server("ann", PASSWORD) as server:
        outcome, told = run(play(PLAY, inventory=inventory(server.port, "wrong one")))
    assert not outcome.succeeded
    statuses = [data["status"] for kind, data in told.events if kind == "result"]
    assert statuses == ["unreachable"]
    assert "wrong one" not in told.text


@pytest.mark.parametrize("password", ["ends in a space ", "ümläut ☀", "$HOME `id` \\n"])
def test_any_password_can_be_typed(play, password):  # noqa: F811
    with password_server("ann", password) as server:
        outcome, told = run(play(PLAY, inventory=inventory(server.port, password)))
    assert outcome.succeeded, told.text
