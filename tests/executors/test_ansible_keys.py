"""Playbooks against real ssh servers, with keys and passwords that nobody else gets to see."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from app.executors.spec import (
    HostConfigSpec,
    InventorySpec,
    Key,
    PreparationFailed,
    RunSpec,
    VaultSpec,
)
from tests.executors.reporters import ListReporter
from tests.executors.runs import run, spec_of
from tests.executors.test_ansible import LOCAL, PLAY, without_colours
from tests.executors.test_git_access import assert_no_secret
from tests.lib.test_private_keys import keygen
from tests.sshd import Sshd, sshd

PING = """
- hosts: all
  gather_facts: false
  tasks:
    - raw: echo reached $SSH_CONNECTION
      register: found
    - debug: msg="{{ found.stdout | trim }}"
"""
# Asks for a password as sudo does, and runs the command for whoever knows it.
SUDO = """#!/bin/bash
while [[ $1 == -* ]]; do [[ $1 == -[pu] ]] && { declare "o${1#-}=$2"; shift; }; shift; done
printf '%s' "$op" >&2; read -r password
[[ $password == "let me be root" ]] && exec "$@"
echo "sudo: no" >&2; exit 1
"""
PASSPHRASES = ("the first passphrase", "the second passphrase")


@pytest.fixture
def servers(tmp_path: Path):
    with sshd(tmp_path / "one") as one, sshd(tmp_path / "two") as two:
        yield one, two


@pytest.fixture
def ssh_keys(tmp_path: Path, servers: tuple[Sshd, Sshd]) -> list[Key]:
    """A key with a passphrase for each server, which knows no other one."""
    made = []
    for number, (server, passphrase) in enumerate(zip(servers, PASSPHRASES, strict=True)):
        file = tmp_path / f"key{number}"
        text = keygen(file, "ed25519", passphrase=passphrase)
        server.allow(Path(f"{file}.pub").read_text())
        made.append(Key(number, f"key{number}", "ssh", server.user, "", text, passphrase))
    return made


@pytest.fixture
def play(tmp_path, origin) -> Callable[..., RunSpec]:
    def make(text: str, inventory: InventorySpec, **given: object) -> RunSpec:
        origin.write("site.yml", text)
        origin.commit("Playbook")
        return spec_of(
            tmp_path / "data", origin.url.text, "site.yml", app="ansible", inventory=inventory,
            **given,
        )  # fmt: skip

    return make


def hosts(*servers: Sshd) -> str:
    return "".join(
        f"host{n} ansible_host=127.0.0.1 ansible_port={server.port}\n"
        for n, server in enumerate(servers)
    )


def test_a_host_is_reached_with_the_key_of_the_inventory(play, servers, ssh_keys, tmp_path):
    inventory = InventorySpec(3, "Web", "static", hosts(servers[0]), user=ssh_keys[0])
    outcome, told = run(play(PING, inventory))
    assert outcome.succeeded, told.lines
    assert any('"msg": "reached 127.0.0.1' in line for line in without_colours(told))
    learnt = [data for kind, data in told.events if kind == "host_key"]
    assert [(one["host"], one["port"]) for one in learnt] == [("127.0.0.1", servers[0].port)]
    assert_no_secret(tmp_path / "data", told, PASSPHRASES[0], ssh_keys[0].private_key[100:160])


def test_each_host_gets_the_key_that_is_meant_for_it(play, servers, ssh_keys):
    """Both servers have the same address; the second is reached under the name of its own."""
    text = hosts(servers[0]) + (f"second ansible_host=localhost ansible_port={servers[1].port}\n")
    inventory = InventorySpec(3, "Web", "static", text, user=ssh_keys[0])
    mapped = (HostConfigSpec("host", "localhost", ssh_keys[1]),)
    outcome, told = run(play(PING, inventory, host_configs=mapped))
    assert outcome.succeeded, told.lines
    outcome, _ = run(play(PING, inventory))
    assert not outcome.succeeded


def test_a_host_behind_another_one_is_reached_through_it(play, servers, ssh_keys):
    """The jump host takes the inventory's key, the one behind it a key of its own."""
    jump = f"{servers[0].user}@127.0.0.1:{servers[0].port}"
    text = (
        f"inside ansible_host=localhost ansible_port={servers[1].port} "
        f"ansible_ssh_common_args='-o ProxyJump={jump}'\n"
    )
    inventory = InventorySpec(3, "Web", "static", text, user=ssh_keys[0])
    mapped = (HostConfigSpec("host", "localhost", ssh_keys[1]),)
    outcome, told = run(play(PING, inventory, host_configs=mapped))
    assert outcome.succeeded, told.lines
    assert "Accepted publickey" in (servers[0].folder / "log").read_text()
    outcome, told = run(play(PING, inventory, host_configs=()))
    assert not outcome.succeeded


def test_a_wrong_key_leaves_the_host_unreachable(play, servers, ssh_keys):
    inventory = InventorySpec(3, "Web", "static", hosts(servers[0]), user=ssh_keys[1])
    outcome, told = run(play(PING, inventory))
    assert outcome.exit_code == 4
    assert "Permission denied" in "".join(told.lines)


@pytest.mark.parametrize(("password", "succeeds"), [("let me be root", True), ("guess", False)])
def test_the_become_password_is_typed_on_the_terminal(play, tmp_path, password, succeeds):
    sudo = tmp_path / "sudo"
    sudo.write_text(SUDO)
    sudo.chmod(0o755)
    become = Key(4, "root", "login_password", login="root", password=password)
    text = PING.replace("  tasks:", "  become: true\n  tasks:").replace("raw:", "command:")
    inventory = replace(
        LOCAL, text=f"{LOCAL.text.strip()} ansible_become_exe={sudo}\n", become=become
    )
    env = {"ANSIBLE_BECOME_ALLOW_SAME_USER": "True"}
    outcome, told = run(play(text, inventory, env=env))
    assert outcome.succeeded is succeeds, told.lines
    assert_no_secret(tmp_path / "data", told, "let me be root")


def encrypted(value: str, password: str, vault: str, folder: Path) -> str:
    """A variable that only this vault password opens, as YAML."""
    file = folder / f"password-{vault}"
    file.write_text(password)
    program = Path(sys.executable).with_name("ansible-vault")
    command = [str(program), "encrypt_string", "--vault-id", f"{vault}@{file}",
               "--encrypt-vault-id", vault, "--name", vault, value]  # fmt: skip
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8"}
    done = subprocess.run(command, env=env, check=True, capture_output=True, text=True)
    file.unlink()
    return done.stdout.strip()


def test_several_vault_passwords_are_typed_by_their_ids(play, origin, tmp_path):
    parts = [encrypted(f"{name} opened", f"pass of {name}", name, tmp_path)
             for name in ("default", "prod")]  # fmt: skip
    origin.write("secrets.yml", "\n".join(parts) + "\n")
    origin.write("scripted.yml", encrypted("script opened", "printed", "dev", tmp_path) + "\n")
    origin.write("vault.sh", "#!/bin/sh\necho printed\n")
    (origin.path / "vault.sh").chmod(0o755)
    text = PLAY.replace("{{ text }}", "{{ default }}, {{ prod }}, {{ dev }}").replace(
        "  tasks:", "  vars_files: [secrets.yml, scripted.yml]\n  tasks:"
    )
    vaults = (
        VaultSpec("default", Key(1, "A", "login_password", password="pass of default")),
        VaultSpec("prod", Key(2, "B", "login_password", password="pass of prod")),
        VaultSpec("dev", script="vault.sh"),
    )
    outcome, told = run(play(text, LOCAL, vaults=vaults))
    assert outcome.succeeded, told.lines
    shown = '    "msg": "default opened, prod opened, script opened"'
    assert shown in without_colours(told)
    assert_no_secret(tmp_path / "data", told, "pass of default", "pass of prod")


def test_a_vault_without_a_password_is_refused_before_anything_starts(play):
    told = ListReporter()
    made = play(PLAY, LOCAL, vaults=(VaultSpec("prod", Key(1, "None", "none")),))
    with pytest.raises(PreparationFailed, match='Key "None" has no secret'):
        run(made, told)
    assert told.statuses == ["waiting"]
