"""What a task cannot reach of its server, and what it can do all the same."""

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from app.executors import isolation
from app.executors.machine import Isolation
from app.executors.questions import Look
from app.executors.questions.inventories import Hosts
from app.executors.spec import (
    HostConfigSpec,
    InventorySpec,
    Key,
    PreparationFailed,
    RepositorySpec,
    RunSpec,
)
from app.lib import landlock
from tests.executors.runs import run, spec_of
from tests.lib.git_repos import source
from tests.lib.test_private_keys import keygen
from tests.sshd import sshd

AUTO = Isolation("auto")
needs_landlock = pytest.mark.skipif(
    landlock.abi() < 6, reason="this kernel has no Landlock of ABI 6"
)


@pytest.fixture
def task(home: Path, origin) -> Callable[..., RunSpec]:
    def make(text: str, how: Isolation = AUTO, **given: object) -> RunSpec:
        origin.write("script.sh", text + "\n")
        origin.commit("Script")
        settings = {"isolation": how}
        return spec_of(home, origin.url.text, script="script.sh", settings=settings, **given)

    return make


@needs_landlock
@pytest.mark.parametrize(
    "attack",
    [
        "cat {data}/keyring.json",
        "cat {data}/workspaces/9/other/0/tmp/extra-vars.yml",
        "cat {data}/mirrors/9/other/config",
        "ls {data}",
        "ls {data}/workspaces/1",
        "setsid -w cat {data}/keyring.json",
        "ln -s {data}/keyring.json soft; cat soft",
        "ln {data}/keyring.json hard",
        "cp -r {data} $HOME/all",
        "cat /proc/self/root{data}/keyring.json",
        "echo evil > $(dirname $(git rev-parse --git-path objects/info/alternates))/../hooks-x; "
        "touch $(cat .git/objects/info/alternates)/planted",
        "touch {code}/planted.py",
        "touch {prefix}/planted",
        "echo evil >> ~root/.bashrc",
        "head -c1 /proc/{pid}/environ",
        "head -c1 /proc/{pid}/mem",
        "readlink /proc/{pid}/fd/0",
        "kill -0 {pid}",
        "cat /dev/vda || cat /dev/sda || dd if=/dev/mem bs=1 count=1",
        "mknod disk b 254 0 && head -c1 disk",
        "mount --bind {data} $HOME && cat $HOME/keyring.json",
        "unshare -Urm sh -c 'mount --bind {data} '$HOME' && cat '$HOME'/keyring.json'",
        "nsenter -t {pid} -m cat {data}/keyring.json",
    ],
)
def test_an_attack_fails(task, home, attack):
    code = Path(isolation.__file__).parent
    attack = attack.format(data=home, pid=os.getpid(), code=code, prefix=sys.prefix)
    outcome, told = run(task(f"echo began\n({attack}) && echo reached"))
    assert "began" in told.lines and "reached" not in told.lines, told.text
    assert outcome.exit_code != 0


@needs_landlock
@pytest.mark.parametrize(
    "work",
    [
        'echo mine > file && mkdir -p "$HOME/.cache/x" && mktemp',
        "git log --oneline && git status --short && git config user.email a@b && git config "
        "user.name A && echo x >> hello.sh && git commit -qam Mine && git log -1",
        "touch /var/tmp/.$$ && rm /var/tmp/.$$ && touch /dev/shm/.$$ && rm /dev/shm/.$$",
        "cat /etc/passwd > /dev/null; cat <(echo substituted); echo to >/dev/stderr; read -t0 x||:",
        "python3 -c 'import multiprocessing as m; m.Pool(2).map(abs, [1])'",
        "python3 -c 'import pty; pty.openpty()'",
        "sleep 30 & kill $!; wait || true",
        "python3 -m venv --without-pip venv && venv/bin/python -c 'print(1)'",
        'mkfifo p && (echo a > p &) && cat p && python3 -c "import socket as s; '
        "s.socket(s.AF_UNIX).bind('own.sock')\"",
        "mv hello.sh other.sh && ln other.sh third.sh",
    ],
)
def test_what_tasks_do_works(task, work):
    outcome, told = run(task(f"set -e\n{work}\necho worked"))
    assert outcome.succeeded and told.lines[-1] == "worked", told.text


@needs_landlock
def test_two_runs_of_a_project_do_not_see_each_other(task, home):
    _, told = run(task("echo $HOME; dirname $PWD"))
    other = told.lines[-1]
    Path(other, "tmp", "secret").write_text("of the first")
    made = replace(task(f"cat {other}/tmp/secret"), repository=replace(
        task("").repository, id=8))  # fmt: skip
    _, told = run(made)
    assert "of the first" not in told.text


@needs_landlock
def test_settings_hide_more_and_open_more(task, tmp_path, home):
    beside = home.parent / "beside"
    beside.mkdir()
    (beside / "file").write_text("told\n")
    script = f"cat {beside}/file; echo x > {beside}/new && echo written"
    _, told = run(task(script))
    assert "told" in told.lines and "written" not in told.lines
    _, told = run(task(script, Isolation("auto", hidden=(beside,))))
    assert "told" not in told.lines
    _, told = run(task(script, Isolation("auto", writable=(beside,))))
    assert "written" in told.lines


def test_off_is_off(task, home):
    _, told = run(task(f"cat {home}/keyring.json", Isolation("off")))
    assert told.lines[-1] == "the keyring"


def test_where_it_is_required_and_missing_nothing_runs(task, monkeypatch):
    monkeypatch.setattr(landlock, "abi", lambda: 0)
    made = task("echo ran", Isolation("required"))
    with pytest.raises(PreparationFailed, match="“required”, but this kernel cannot keep"):
        run(made)


@needs_landlock
def test_a_directory_used_in_place_can_be_written_and_the_rest_not(home, tmp_path):
    place = home.parent / "in-place"
    repository = source(place, run="pwd; echo x > made && echo written; echo x > ../beside")
    settings = {"isolation": AUTO, "local_repositories": (home.parent,)}
    made = spec_of(home, str(place), script="run.sh", settings=settings)
    _, told = run(made)
    assert "written" in told.lines and (repository.path / "made").exists()
    assert not (home.parent / "beside").exists()


@needs_landlock
def test_a_directory_that_no_administrator_has_named_is_read_only(home):
    """It could be a home, where a profile is executed later, outside of any task."""
    place = home.parent / "somebody"
    repository = source(place, run="cat run.sh; echo evil >> .bashrc && echo written")
    made = spec_of(home, str(place), script="run.sh", settings={"isolation": AUTO})
    _, told = run(made)
    assert "written" not in told.lines and not (repository.path / ".bashrc").exists()
    assert any("cat run.sh" in line for line in told.lines)


PLAY = """
- hosts: all
  gather_facts: true
  tasks:
    - copy: {content: mine, dest: "{{ lookup('env', 'HOME') }}/file", mode: "0600"}
    - command: sleep 0.1
      async: 10
      poll: 1
    - shell: cat {{ data }}/keyring.json
      register: found
      failed_when: found.rc == 0
"""


@needs_landlock
def test_a_playbook_works_on_this_machine_and_reaches_no_secret(home, origin):
    origin.write("site.yml", PLAY)
    origin.commit("Playbook")
    hosts = InventorySpec(3, "Here", "static", "here ansible_connection=local\n")
    made = spec_of(home, origin.url.text, script="site.yml", app="ansible", inventory=hosts,
                   settings={"isolation": AUTO}, extra_vars={"data": str(home)})  # fmt: skip
    outcome, told = run(made)
    assert outcome.succeeded, told.text
    assert "the keyring" not in told.text


@needs_landlock
def test_a_playbook_reaches_its_hosts_with_its_keys(home, origin, tmp_path):
    origin.write(
        "site.yml", "- hosts: all\n  gather_facts: false\n  tasks:\n    - raw: echo over ssh\n"
    )
    origin.commit("Playbook")
    text = keygen(tmp_path / "key", "ed25519")
    with sshd(tmp_path / "sshd") as server:
        server.allow((tmp_path / "key.pub").read_text())
        user = Key(4, "Deploy", "ssh", login=server.user, private_key=text)
        hosts = f"one ansible_host=127.0.0.1 ansible_port={server.port}\n"
        made = spec_of(home, origin.url.text, script="site.yml", app="ansible",
                       inventory=InventorySpec(3, "W", "static", hosts, user),
                       settings={"isolation": AUTO})  # fmt: skip
        mapped = (HostConfigSpec("host", "127.0.0.1", user),)
        outcome, told = run(replace(made, host_configs=mapped))
    assert outcome.succeeded, told.text
    assert [data["host"] for kind, data in told.events if kind == "host_key"] == ["127.0.0.1"]


@needs_landlock
def test_an_inventory_script_of_a_look_is_kept_apart_as_well(home, origin):
    script = f'#!/bin/sh\ncat {home}/keyring.json >&2 && exit 3\necho \'{{"web": ["one"]}}\'\n'
    origin.write("hosts.sh", script, 0o755)
    origin.commit("Inventory")
    made = spec_of(home, origin.url.text, settings={"isolation": AUTO})
    made = replace(made, repository=RepositorySpec(7, origin.url.text, "main"))
    found = Hosts(made, "hosts.sh").answer(Look("probe", 60))
    assert [host["name"] for host in found["hosts"]] == ["one"]
