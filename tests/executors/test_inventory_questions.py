"""Hosts as Ansible itself reads them, without secrets, and what is wrong in words."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.executors.questions import Look, NoAnswer
from app.executors.questions.inventories import HIDDEN, VAULT, Hosts, flaw, mask, summary
from app.executors.spec import PreparationFailed
from tests.executors.runs import spec_of
from tests.lib.git_repos import Source

pytest.importorskip("ansible")
INI = """
[web]
web1 ansible_host=10.0.0.1
web2 ansible_password=hunter22
[all_web:children]
web
"""
BAD_YAML = "all:\n  hosts:\n    a:\n   b: [\n"


def ask(question: Hosts) -> dict[str, Any]:
    return question.answer(Look("inventories", 60))


def static(tmp_path: Path, text: str, name: str = "inventory") -> Hosts:
    return Hosts(spec_of(tmp_path / "data", ""), name, text)


def test_hosts_know_their_groups_and_variables(tmp_path: Path) -> None:
    found = ask(static(tmp_path, INI))
    assert (found["host_count"], found["group_count"]) == (2, 2)
    assert found["hosts"][0] == {
        "name": "web1",
        "groups": ["all_web", "web"],
        "vars": {"ansible_host": "10.0.0.1"},
    }
    assert found["groups"][0] == {"name": "all_web", "hosts": 2, "children": ["web"]}
    assert "hunter22" not in json.dumps(found)


def test_yaml_is_read_as_yaml(tmp_path: Path) -> None:
    found = ask(static(tmp_path, "all:\n  hosts:\n    a:\n", "inventory.yml"))
    assert [host["name"] for host in found["hosts"]] == ["a"]


def test_nothing_of_the_text_stays_on_the_disk(tmp_path: Path) -> None:
    ask(static(tmp_path, INI))
    assert [path for path in (tmp_path / "data").rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("inventory", "[web]\nweb1 foo\n", r"Expected key=value .* got: foo"),
        ("inventory.yml", BAD_YAML, r"^Line 4: While parsing a block mapping"),
    ],
    ids=["ini", "yaml"],
)
def test_what_is_wrong_is_said_in_one_line(
    tmp_path: Path, name: str, text: str, reason: str
) -> None:
    with pytest.raises(NoAnswer, match=reason):
        ask(static(tmp_path, text, name))


def test_a_file_of_a_repository_may_be_a_script(tmp_path: Path, origin: Source) -> None:
    listed = {"web": {"hosts": ["a"]}, "_meta": {"hostvars": {"a": {"home": "HOME"}}}}
    text = json.dumps(listed).replace("HOME", "'\"$HOME\"'")
    origin.write("hosts.sh", f"#!/bin/sh\necho '{text}'\n", mode=0o755)
    origin.commit("Inventory")
    found = ask(Hosts(spec_of(tmp_path / "data", origin.url.text), "hosts.sh"))
    (host,) = found["hosts"]
    assert (host["name"], host["groups"]) == ("a", ["web"])
    assert host["vars"]["home"].startswith(str(tmp_path / "data"))


def test_a_script_leaves_nobody_behind(tmp_path: Path, origin: Source) -> None:
    pids = tmp_path / "pids"
    origin.write(
        "hosts.sh",
        f"#!/bin/sh\nsetsid sleep 300 >/dev/null 2>&1 &\necho $! > {pids}\necho '{{}}'\n",
        mode=0o755,
    )
    origin.commit("Inventory")
    ask(Hosts(spec_of(tmp_path / "data", origin.url.text), "hosts.sh"))
    assert not Path(f"/proc/{pids.read_text().strip()}").exists()


def test_a_directory_is_an_inventory_too(tmp_path: Path, origin: Source) -> None:
    origin.write("hosts/a.ini", "[web]\na\n")
    origin.write("hosts/b.ini", "[db]\nb\n")
    origin.commit("Inventory")
    assert ask(Hosts(spec_of(tmp_path / "data", origin.url.text), "hosts"))["host_count"] == 2


def test_a_file_that_is_not_there_is_named(tmp_path: Path, origin: Source) -> None:
    with pytest.raises(PreparationFailed, match="Inventory nope does not exist"):
        ask(Hosts(spec_of(tmp_path / "data", origin.url.text), "nope"))


def test_the_server_is_not_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "of the server")
    text = "all:\n  hosts:\n    a:\n      seen: \"{{ lookup('env', 'SECRET_KEY') }}\"\n"
    assert "of the server" not in json.dumps(ask(static(tmp_path, text, "inventory.yml")))


def test_secrets_are_masked_by_name_and_vaults_always() -> None:
    value = {"api_token": "t", "key_file": "/k", "v": {"__ansible_vault": "x"}, "l": [{"pass": 1}]}
    assert mask(value) == {
        "api_token": HIDDEN, "key_file": "/k", "v": VAULT, "l": [{"pass": HIDDEN}],
    }  # fmt: skip


def test_too_many_variables_are_left_out() -> None:
    hosts = {f"h{n}": {"a": "x" * 100_000} for n in range(10)}
    found = summary({"_meta": {"hostvars": hosts}, "all": {"hosts": list(hosts)}})
    assert found["host_count"] == 10
    assert all(host["vars"] == {} for host in found["hosts"])


def test_an_output_that_says_nothing_is_a_number() -> None:
    assert flaw("", "inventory", 4) == "ansible-inventory ended with exit code 4"
