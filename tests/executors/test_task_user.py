"""Tasks as another user of the machine (TASK_USER), with and without Landlock."""

import os
import pwd
import stat
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.executors import self_test
from app.executors.machine import EngineSettings, Isolation
from app.executors.spec import InventorySpec, Key, PreparationFailed, RunSpec
from app.lib import landlock
from tests.executors.runs import run, spec_of
from tests.lib.test_private_keys import keygen

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
NAME = "nobody"


@pytest.fixture(params=["auto", "off"])
def how(request) -> Isolation:
    """With Landlock and without."""
    return Isolation(request.param, user=NAME)


@pytest.fixture
def data() -> Iterator[Path]:
    """A data directory that the user may pass on the way to, as below /var/lib."""
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="heliograph-data-") as folder:
        Path(folder).chmod(0o711)
        made = Path(folder, "data")
        made.mkdir(mode=0o700)
        (made / "keyring.json").touch(mode=0o600)
        (made / "keyring.json").write_text("the keyring")
        yield made


@pytest.fixture
def task(data, origin, how) -> Callable[..., RunSpec]:
    def make(text: str, **given: object) -> RunSpec:
        origin.write("script.sh", text + "\n")
        origin.commit("Script")
        settings = {"isolation": how}
        return spec_of(data, origin.url.text, script="script.sh", settings=settings, **given)

    return make


def test_it_is_that_user_with_nothing_of_roots(task):
    outcome, told = run(task("id -un; id -G; echo $HOME > $HOME/mine && cat $HOME/mine"))
    assert outcome.succeeded, told.text
    assert told.lines[-3:-1] == [NAME, str(pwd.getpwnam(NAME).pw_gid)]


@pytest.mark.parametrize(
    "attack",
    [
        "cat {data}/keyring.json",
        "ls {data}",
        "echo x > {data}/new",
        "head -c1 /proc/{pid}/environ",
        "kill -0 {pid}",
        "touch /etc/planted",
        "ls {data}/mirrors/1/*",
    ],
)
def test_it_reaches_nothing_of_the_server(task, data, attack):
    attack = attack.format(data=data, pid=os.getpid())
    _, told = run(task(f"echo began\n({attack}) && echo reached"))
    assert "began" in told.lines and "reached" not in told.lines, told.text


def test_git_works_in_its_checkout_and_the_next_run_is_clean(task, data):
    text = (
        "git log --oneline && echo mine > mine && git add -A && "
        "git -c user.name=A -c user.email=a@b commit -qm Mine && git rev-parse HEAD"
    )
    for _ in range(2):
        outcome, told = run(task(text))
        assert outcome.succeeded, told.text
    _, told = run(task("ls; git status --short"))
    assert "mine" not in told.lines
    assert stat.S_IMODE(data.stat().st_mode) == 0o711


def test_a_playbook_has_its_key_and_its_password(data, origin, how, tmp_path):
    play = "- hosts: all\n  gather_facts: false\n  tasks:\n    - command: ssh-add -l\n"
    origin.write("site.yml", play + "    - command: id -un\n      register: who\n")
    origin.commit("Playbook")
    user = Key(4, "Deploy", "ssh", private_key=keygen(tmp_path / "key", "ed25519"))
    become = Key(5, "Root", "login_password", password="secret-1")
    hosts = InventorySpec(3, "H", "static", "here ansible_connection=local\n", user, become)
    made = spec_of(data, origin.url.text, script="site.yml", app="ansible", inventory=hosts,
                   settings={"isolation": how})  # fmt: skip
    if not os.access("/usr/bin/ansible-playbook", os.X_OK):
        pytest.skip("the machine has no ansible-playbook that another user could start")
    outcome, told = run(made)
    assert outcome.succeeded, told.text


def test_the_self_test_reaches_nothing(data, how):
    found = self_test.run(EngineSettings(data, isolation=how), "redis://127.0.0.1:1")
    assert found.error == "" and found.is_isolated, found
    assert found.user == NAME
    if how.mode == "off" or landlock.abi() >= 6:  # an older Landlock is no better than none here
        expected = {"a socket of the server"} if how.mode == "off" else set()
        assert set(found.reached) == expected


def test_a_user_that_does_not_exist_is_named(task, how):
    made = task("true")
    settings = replace(made.settings, isolation=replace(how, user="no-such-user"))
    with pytest.raises(PreparationFailed, match="TASK_USER names no-such-user"):
        run(replace(made, settings=settings))
