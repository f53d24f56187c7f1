"""Playbooks, run by the real ansible-playbook on this machine."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from app.executors.ansible import Ansible
from app.executors.spec import (
    InventorySpec,
    Key,
    PreparationFailed,
    RepositorySpec,
    RunSpec,
    VaultSpec,
)
from tests.executors.reporters import ListReporter
from tests.executors.runs import run, spec_of
from tests.lib.git_repos import source

LOCAL = InventorySpec(3, "Here", "static", "here ansible_connection=local\n")
WORKSPACE = InventorySpec(3, "W", "terraform-workspace", "x")
PLAY = """
- hosts: all
  gather_facts: false
  tasks:
    - debug: msg="{{ text }}"
"""


@pytest.fixture
def play(tmp_path, origin) -> Callable[..., RunSpec]:
    """A run of a playbook with this text, among other files; "site.yml" unless it is named."""

    def make(text: str = PLAY, files: dict[str, str] | None = None, **given: object) -> RunSpec:
        script = given.setdefault("script", "site.yml")
        for name, content in {str(script): text, **(files or {})}.items():
            origin.write(name, content)
        origin.commit("Playbook")
        given.setdefault("inventory", LOCAL)
        return spec_of(tmp_path / "data", origin.url.text, app="ansible", **given)

    return make


JOB = """
- hosts: all
  gather_facts: false
  tasks:
    - command: sleep 0.1
      async: 10
      poll: 1
"""


def test_a_task_may_run_on_its_own_on_this_machine(play):
    """One side of ansible looks for it by HOME, the other by the user's home."""
    outcome, told = run(play(JOB))
    assert outcome.succeeded, told.text


def argv(**given: object) -> list[str]:
    repository, settings = RepositorySpec(1, "", ""), spec_settings()
    values = {"task_id": 1, "project_id": 1, "app": "ansible", "playbook": "site.yml", "mark": ""}
    return Ansible().argv(RunSpec(repository=repository, settings=settings, **values | given))


def spec_settings():
    return spec_of(None, "").settings


def test_arguments_come_in_the_originals_order():
    user = Key(1, "Deploy", "login_password", login="ann", password="secret1")
    become = Key(2, "Root", "login_password", login="root", password="secret2")
    vault = VaultSpec("prod", Key(3, "Vault", "login_password", password="secret3"))
    made = argv(
        inventory=InventorySpec(3, "Web", "static-yaml", "", user, become),
        vaults=(vault, VaultSpec("dev", script="bin/vault.sh")),
        params={"debug": True, "diff": True, "dry_run": True, "limit": ["web1", "web2"],
                "tags": ["a"], "skip_tags": ["b", "c"]},
        arguments=("--forks=3",),
        task_arguments=("--step",),
        secret_vars={"password": "secret4"},
    )  # fmt: skip
    assert made == [
        "ansible-playbook", "-i", "…/inventory.yml", "--user=ann", "--ask-pass",
        "--become-user=root", "--ask-become-pass", "-vvvv", "--diff", "--check",
        "--vault-id=prod@prompt", "--vault-id=dev@bin/vault.sh", "--extra-vars=@…/extra-vars.yml",
        "--forks=3", "--limit=web1,web2", "--tags=a", "--skip-tags=b,c", "--step", "site.yml",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("params", "option"), [({"debug": True}, "-vvvv"), ({"debug_level": 2}, "-vv")]
)
def test_debugging_has_levels(params, option):
    assert option in argv(params=params)


def test_a_playbook_runs_and_gets_its_variables(play):
    outcome, told = run(play(extra_vars={"text": "it works"}))
    assert outcome.exit_code == 0, told.lines
    assert '    "msg": "it works"' in without_colours(told)


def test_secret_variables_win_and_never_stand_in_the_command_line(play):
    outcome, told = run(play(extra_vars={"text": "open"}, secret_vars={"text": "hunter22"}))
    assert outcome.exit_code == 0
    assert '    "msg": "hunter22"' in without_colours(told)
    assert not any("hunter22" in line for line in told.lines if line.startswith("$ "))


def test_what_a_person_types_is_never_evaluated(play):
    typed = "{{ lookup('pipe', 'echo owned') }}"
    outcome, told = run(play(extra_vars={"text": typed}, untrusted=frozenset({"text"})))
    assert outcome.exit_code == 0
    assert f'    "msg": "{typed}"' in without_colours(told)


@pytest.mark.parametrize("name", ["port", "tags", "environment", "name"])
def test_a_name_that_ansible_reserves_is_warned_of_and_the_run_goes_on(play, name):
    """Ansible reads its variables once more, to show where the name stands."""
    outcome, told = run(play(extra_vars={"text": "on", name: "80"}, untrusted=frozenset({name})))
    assert outcome.exit_code == 0
    assert '    "msg": "on"' in without_colours(told)
    assert any("reserved name" in line for line in told.lines)


def test_variables_of_the_group_may_refer_to_others(play):
    values = {"text": "{{ who }} ☀ \U0001f600\ttab", "who": "Anna"}
    outcome, told = run(play(extra_vars=values))
    assert outcome.exit_code == 0
    assert '    "msg": "Anna ☀ \U0001f600\\ttab"' in without_colours(told)


def test_the_run_is_told_under_the_originals_name(play):
    text = PLAY.replace("{{ text }}", "{{ semaphore_vars.task_details | to_json }}")
    made = play(text, details={"message": "why", "username": "anna", "url": None})
    outcome, told = run(made)
    shown = "".join(told.lines)
    assert outcome.exit_code == 0
    for part in (
        f'\\"id\\": {made.task_id}',
        '\\"url\\": null',
        '\\"username\\": \\"anna\\"',
        "commit_hash",
    ):
        assert part in shown or part.replace("\\", "") in shown


def test_a_failed_play_fails_the_run(play):
    outcome, _ = run(play(PLAY.replace('debug: msg="{{ text }}"', "fail: msg=no")))
    assert (outcome.exit_code, outcome.reason) == (2, "“fail” failed on here: no")


def test_hosts_come_from_a_file_of_the_repository(play):
    hosts = {"hosts/all.ini": "one ansible_connection=local\n"}
    made = play(files=hosts, inventory=InventorySpec(3, "File", "file", "hosts/all.ini"),
                extra_vars={"text": "x"})  # fmt: skip
    outcome, told = run(made)
    assert outcome.exit_code == 0 and "ok: [one] => {" in without_colours(told)


def test_hosts_come_from_another_repository(play, tmp_path):
    other = source(tmp_path / "other")
    other.write("prod/hosts", "two ansible_connection=local\n")
    other.commit("Hosts")
    repository = RepositorySpec(8, other.url.text, "main")
    inventory = InventorySpec(3, "Other", "file", "prod/hosts", repository=repository)
    outcome, told = run(play(inventory=inventory, extra_vars={"text": "x"}))
    assert outcome.exit_code == 0 and "ok: [two] => {" in without_colours(told)
    assert [message for _, message in told.commits] == ["Playbook"]


def test_a_working_directory_has_its_own_configuration_and_files(play):
    files = {
        "ops/ansible.cfg": "[defaults]\nroles_path = ./parts\n",
        "ops/parts/greet/tasks/main.yml": '- debug: msg="role {{ text }}"\n',
        "ops/vars.yml": "text: from a file\n",
    }
    made = play(
        "- hosts: all\n  gather_facts: false\n  roles: [greet]\n", files, script="ops/site.yml",
        working_directory="ops", arguments=("--extra-vars=@vars.yml",),
    )  # fmt: skip
    outcome, told = run(made)
    assert outcome.exit_code == 0, told.lines
    assert '    "msg": "role from a file"' in without_colours(told)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"playbook": "sites.yml"}, "Playbook sites.yml does not exist at main"),
        ({"playbook": "../site.yml"}, "Playbook ../site.yml must be a path inside the repository"),
        ({"working_directory": "nowhere"}, "Working directory nowhere does not exist at main"),
        ({"inventory": InventorySpec(3, "F", "file", "hosts")}, "Inventory hosts does not exist"),
        ({"inventory": WORKSPACE}, "Inventory W is a workspace"),
        ({"settings": {"app_path": "/no/ansible"}}, "/no/ansible, the configured path of Ansible"),
    ],
)  # fmt: skip
def test_what_is_missing_is_said_in_plain_words(play, given, reason):
    playbook = given.pop("playbook", "site.yml")
    made, told = replace(play(**given), playbook=playbook), ListReporter()
    with pytest.raises(PreparationFailed, match=re.escape(reason)):
        run(made, told)
    assert told.lines[-1].startswith(f"Error: {reason}")


def without_colours(told: ListReporter) -> list[str]:
    return [re.sub("\x1b\\[[0-9;]*m", "", line) for line in told.lines]
