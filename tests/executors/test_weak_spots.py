"""Where the original loses, leaks or takes the wrong thing: keys, git, ansible, a test each."""

import stat
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from app.executors.spec import InventorySpec, Key, PreparationFailed, RepositorySpec
from app.lib.git import GitSettings
from app.lib.git_queries import look_at_remote, ls_remote
from tests.executors.runs import run
from tests.executors.test_ansible import LOCAL, play  # noqa: F401  a fixture
from tests.lib.test_private_keys import keygen

SECRET = "ansible_password=hunter2-hunter2"
MODES = """
- hosts: all
  gather_facts: false
  tasks:
    - command: stat -c '%a %n' {{ inventory_file }} {{ inventory_dir }} {{ inventory_dir }}/..
      register: found
    - debug: msg="{{ item }}"
      loop: "{{ found.stdout_lines }}"
"""
NEEDS_ROLE = {"roles/requirements.yml": "roles:\n  - {src: 'file:///nowhere', scm: git, name: a}\n"}


def test_a_tag_is_not_cloned_anew_for_each_run(spec, origin, tmp_path):
    made = spec("echo tagged")
    origin.git("tag", "v1")
    origin.write("script.sh", "echo later\n")
    origin.commit("Later")
    at_tag = replace(made, repository=replace(made.repository, branch="v1"))
    _, told = run(at_tag)
    assert "tagged" in told.lines
    [mirror] = (tmp_path / "data" / "mirrors").glob("*/*/HEAD")
    first = mirror.stat().st_ino
    _, told = run(at_tag)
    assert "tagged" in told.lines and mirror.stat().st_ino == first


def test_another_branch_is_switched_to_and_not_merged_into_the_last_one(spec, origin):
    made = spec("cat which 2>/dev/null || echo none")
    origin.git("checkout", "-q", "-b", "feature")
    origin.write("which", "feature\n")
    origin.commit("Feature")
    origin.git("checkout", "-q", "main")
    for branch, said in (("feature", "feature"), ("", "none"), ("feature", "feature")):
        _, told = run(replace(made, git_branch=branch))
        assert told.lines[-1] == said


def test_a_branch_is_not_mistaken_for_one_that_ends_alike(origin):
    first = origin.git("rev-parse", "HEAD")
    origin.git("checkout", "-q", "-b", "a/main")
    other = origin.commit()
    settings = GitSettings()
    assert ls_remote(origin.url, "main", settings) == first
    assert ls_remote(origin.url, "a/main", settings) == other
    assert look_at_remote(origin.url, "main", settings).commit == first


def test_hosts_are_in_a_file_that_nobody_else_can_read(play):  # noqa: F811
    hosts = InventorySpec(3, "Here", "static", f"here ansible_connection=local {SECRET}\n")
    outcome, told = run(play(MODES, inventory=hosts))
    assert outcome.succeeded, told.text
    for mode in ('"600 ', '"700 '):
        assert mode in told.text
    assert not any(f'"{open_} ' in told.text for open_ in (644, 664, 755, 775))


def test_every_file_of_a_run_lies_below_a_private_directory(play, tmp_path):  # noqa: F811
    run(play())
    data = tmp_path / "data"
    files = [file for file in data.rglob("*") if file.is_file()]
    assert files
    for file in files:
        above = [folder for folder in file.parents if folder.is_relative_to(data)]
        assert any(stat.S_IMODE(folder.stat().st_mode) == 0o700 for folder in above), file


@pytest.fixture
def temporary(tmp_path, monkeypatch) -> Path:
    """The directory for agents and configurations of ssh, empty at the start."""
    folder = tmp_path / "t"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.mark.parametrize("broken", ["galaxy", "inventory", "become", "playbook"])
def test_a_failed_preparation_leaves_neither_agent_nor_hosts(
    play,  # noqa: F811
    temporary,
    tmp_path,
    broken,
):
    user = Key(4, "Deploy", "ssh", login="ann", private_key=keygen(tmp_path / "key", "ed25519"))
    become = Key(5, "Root", "ssh", private_key=user.private_key) if broken == "become" else None
    hosts = InventorySpec(3, "Here", "static", f"here {SECRET}\n", user, become)
    if broken == "inventory":
        nowhere = RepositorySpec(9, f"file://{tmp_path}/nowhere", "main")
        hosts = replace(hosts, type="file", text="hosts", repository=nowhere)
    made = play(files=NEEDS_ROLE if broken == "galaxy" else {}, inventory=hosts)
    made = replace(made, playbook="missing.yml") if broken == "playbook" else made
    with pytest.raises(PreparationFailed):
        run(made)
    assert list(temporary.iterdir()) == []
    left = [file for file in (tmp_path / "data").rglob("*") if file.is_file()]
    assert not any(SECRET.encode() in file.read_bytes() for file in left)


def test_two_passwords_asked_for_at_once_are_both_answered(play):  # noqa: F811
    become = Key(2, "Root", "login_password", login="", password="secret-2")
    hosts = InventorySpec(3, "Here", "static", LOCAL.text, None, become)
    user = Key(1, "Ann", "login_password", login="ann", password="secret-1")
    outcome, told = run(play("- hosts: none\n", inventory=replace(hosts, user=user)))
    assert outcome.exit_code == 0, told.text
    assert "secret-1" not in told.text and "secret-2" not in told.text
