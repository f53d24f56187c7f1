"""What a run tells of what it is made of: hosts, versions, requirements, the command line."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.executors import galaxy_versions, inventory_prints, tool_versions
from app.executors.machine import EngineSettings
from app.executors.spec import Command, InventorySpec
from app.lib.tools import Tool
from tests import factories
from tests.executors.reporters import ListReporter
from tests.executors.runs import run, spec_of

PLAY = "- hosts: all\n  gather_facts: false\n  tasks: [{debug: {msg: hello}}]\n"


def told(reporter: ListReporter) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for kind, data in reporter.events:
        if kind == "fact":
            found[data["name"]] = found.get(data["name"], {}) | data["value"]
    return found


def test_a_script_tells_its_command_and_its_interpreter(tmp_path: Path) -> None:
    url = factories.git_repository(tmp_path / "repo", hello_sh="echo hello")
    outcome, reporter = run(spec_of(tmp_path / "data", f"file://{url}", arguments=("a b",)))
    assert outcome.succeeded
    found = told(reporter)
    assert found["command"] == {"line": "bash hello.sh 'a b'"}
    assert list(found["tools"]) == ["Bash"] and found["tools"]["Bash"][0].isdigit()


def test_a_program_that_tasks_can_write_is_not_started_for_its_version(tmp_path: Path) -> None:
    program = tmp_path / "tool"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/started\necho 1.2.3\n")
    program.chmod(0o755)
    command = Command([str(program)], {}, tmp_path, tool=Tool("Tool", ("tool",)))
    settings = EngineSettings(data_dir=tmp_path)
    assert tool_versions.of(command, settings) == {}
    assert not (tmp_path / "started").exists()


def test_a_playbook_tells_its_hosts_and_versions(tmp_path: Path) -> None:
    url = factories.git_repository(tmp_path / "repo", site_yml=PLAY)
    inventory = InventorySpec(1, "Here", "static", "here ansible_connection=local\n")
    spec = spec_of(tmp_path / "data", f"file://{url}", "site.yml", app="ansible",
                   inventory=inventory)  # fmt: skip
    outcome, reporter = run(spec)
    assert outcome.succeeded
    found = told(reporter)
    assert set(found["tools"]) == {"ansible-core", "Python"}
    assert found["inventory"] == inventory_prints.of_text(inventory.text)
    assert found["command"]["line"].startswith("ansible-playbook -i ")


def test_an_inventory_file_is_known_with_the_variables_beside_it(tmp_path: Path) -> None:
    url = factories.git_repository(tmp_path / "repo", site_yml=PLAY)
    (url / "hosts").write_text("here ansible_connection=local\n")
    (url / "group_vars").mkdir()
    (url / "group_vars" / "all.yml").write_text("a: 1\n")
    factories.commit(url, "Hosts")
    spec = spec_of(tmp_path / "data", f"file://{url}", "site.yml", app="ansible",
                   inventory=InventorySpec(1, "File", "file", "hosts"))  # fmt: skip
    _, reporter = run(spec)
    assert set(told(reporter)["inventory"]["files"]) == {"hosts", "group_vars/all.yml"}


def test_files_that_change_have_another_digest_and_links_out_are_left_out(tmp_path: Path) -> None:
    top = tmp_path / "checkout"
    (top / "inv").mkdir(parents=True)
    (tmp_path / "outside").write_text("secret")
    (top / "inv" / "a").write_text("one")
    (top / "inv" / "out").symlink_to(tmp_path / "outside")
    before = inventory_prints.of_files(top / "inv", top)
    assert list(before["files"]) == ["inv/a"]
    (top / "inv" / "a").write_text("two")
    assert inventory_prints.of_files(top / "inv", top)["hash"] != before["hash"]


def test_of_too_many_files_it_is_said_that_there_are_more(tmp_path: Path) -> None:
    for number in range(inventory_prints.MOST_FILES + 1):
        (tmp_path / f"{number}").touch()
    found = inventory_prints.of_files(tmp_path, tmp_path)
    assert found["partial"] and len(found["files"]) == inventory_prints.MOST_FILES


def test_installed_collections_and_roles_are_named_with_their_versions(tmp_path: Path) -> None:
    general = tmp_path / "ansible_collections" / "community" / "general"
    general.mkdir(parents=True)
    (general / "MANIFEST.json").write_text(json.dumps({"collection_info": {"version": "8.1.0"}}))
    (tmp_path / "ansible_collections" / "community" / "own").mkdir()
    assert galaxy_versions.of("collection", tmp_path) == {
        "collection community.general": "8.1.0", "collection community.own": "",
    }  # fmt: skip
    role = tmp_path / "roles" / "ann.web"
    (role / "meta").mkdir(parents=True)
    (role / "meta" / ".galaxy_install_info").write_text("install_date: x\nversion: '1.4'\n")
    assert galaxy_versions.of("role", tmp_path / "roles") == {"role ann.web": "1.4"}


@pytest.mark.parametrize("text", ["[]", "{", '{"collection_info": {"version": "a b"}}', "[" * 9999])
def test_notes_that_a_task_has_spoilt_say_nothing(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "ansible_collections" / "a" / "b"
    folder.mkdir(parents=True)
    (folder / "MANIFEST.json").write_text(text)
    assert galaxy_versions.of("collection", tmp_path) == {"collection a.b": ""}


def test_a_link_in_the_place_of_a_note_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "note").write_text(json.dumps({"collection_info": {"version": "1.0"}}))
    folder = tmp_path / "ansible_collections" / "a" / "b"
    folder.mkdir(parents=True)
    (folder / "MANIFEST.json").symlink_to(tmp_path / "note")
    assert galaxy_versions.of("collection", tmp_path) == {"collection a.b": ""}
