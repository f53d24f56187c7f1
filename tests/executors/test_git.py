import os
import shutil
import signal
import threading

import pytest

from app import demo
from app.executors import EXECUTORS
from app.executors.spec import Cancelled, PreparationFailed
from app.lib.process import Guardian
from app.lib.process_tree import descendants, kill_children
from tests.executors.reporters import ListReporter
from tests.executors.runs import refused, run, spec_of
from tests.lib.processes import marked, until


def test_the_first_run_clones_and_the_next_ones_fetch(spec, origin):
    assert "Cloning it, as it has not been used before" in run(spec("echo one"))[1].lines
    told = run(spec("echo two"))[1]
    assert "Cloning it, as it has not been used before" not in told.lines
    assert told.lines[-1] == "two"


def test_runs_one_after_the_other_use_the_same_place_and_see_nothing_of_each_other(spec):
    script = "echo $(ls -A | sort); touch left; echo x > script.sh; pwd"
    first, second = run(spec(script))[1], run(spec(script))[1]
    assert first.lines[-2:] == second.lines[-2:]
    assert first.lines[-2] == ".git hello.sh script.sh"


def test_runs_at_the_same_time_never_share_a_place(spec, tmp_path):
    meet = tmp_path / "meet"
    meet.mkdir()
    script = f"touch {meet}/$$; until [ $(ls {meet} | wc -l) = 2 ]; do sleep 0.05; done; pwd"
    specs = [spec(script), spec(script)]
    guardians = [Guardian.fork(made.mark) for made in specs]
    told = [ListReporter(), ListReporter()]
    threads = [
        threading.Thread(target=EXECUTORS["bash"]().run, args=given)
        for given in zip(specs, told, guardians, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for guardian in guardians:
        guardian.close()
    assert told[0].lines[-1] != told[1].lines[-1]


def test_a_place_is_not_lent_while_a_process_of_the_last_run_lives(spec, tmp_path):
    """The work horse is gone; its guardian is not."""
    first, second = Guardian.fork("first"), Guardian.fork("second")
    made = spec(f"touch {tmp_path}/running; sleep 100")
    horse = os.fork()
    if horse == 0:
        EXECUTORS["bash"]().run(made, ListReporter(), first)
        os._exit(0)
    until(lambda: (tmp_path / "running").exists())
    os.kill(horse, signal.SIGKILL)
    os.waitpid(horse, 0)
    told = ListReporter()
    EXECUTORS["bash"]().run(spec("pwd"), told, second)
    assert told.lines[-1].endswith("/1/checkout")
    first.close()
    second.close()


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({}, "on main"),
        ({"git_branch": "other"}, "on other"),
        ({"git_branch": "v1"}, "on main"),
        ({"branch": "nosuch", "commit": "FIRST"}, "on main"),
    ],
)
def test_commit_wins_over_branch_of_the_run_over_branch_of_the_repository(
    spec, origin, given, line
):
    origin.write("script.sh", "echo on main")
    first = origin.commit("Main")
    origin.git("tag", "v1")
    origin.git("switch", "-q", "-c", "other")
    origin.write("script.sh", "echo on other")
    origin.commit("Other")
    origin.git("switch", "-q", "main")
    if given.get("commit"):
        given = given | {"commit": first}
    _, told = run(spec(script="script.sh", **given))
    assert told.lines[-1] == line


def test_a_commit_that_is_here_needs_no_origin(spec, origin, tmp_path):
    made = spec("echo hi")
    head = origin.git("rev-parse", "HEAD")
    run(made)
    shutil.move(origin.path, tmp_path / "away")
    _, told = run(spec(script="script.sh", commit=head))
    assert told.lines[-1] == "hi"
    assert "no git repository" in refused(spec(script="script.sh"))


URLS = [
    "", "-oProxyCommand=touch {canary}", "--upload-pack=touch {canary}",
    "ext::sh -c touch% {canary}", "fd::3", "ssh://-oProxyCommand=touch/x", "git@-oProxyCommand=x:r",
    "file://{origin}\n[core]\n\tfsmonitor = touch {canary}", "ftp://h/r", "../origin",
    "https://user:password@h/r", "file:///etc/../{origin}",
]  # fmt: skip


@pytest.mark.parametrize("url", URLS)
def test_an_address_that_is_none_is_refused_and_nothing_is_run(tmp_path, origin, url):
    canary = tmp_path / "canary"
    reason = refused(spec_of(tmp_path / "data", url.format(canary=canary, origin=origin.path)))
    assert reason
    assert not canary.exists() and not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    "branch", ["", "--output=/tmp/p", "-c core.sshCommand=x", "a b", "main\nx", "a..b", "HEAD"]
)
def test_a_branch_that_is_none_is_refused(spec, branch):
    assert "ranch" in refused(spec(branch=branch))


@pytest.mark.parametrize("commit", ["HEAD", "-1234", "9f2c~1", "main"])
def test_a_commit_that_is_none_is_refused(spec, commit):
    assert "hexadecimal" in refused(spec(commit=commit))


def test_a_missing_repository_is_explained(tmp_path):
    reason = refused(spec_of(tmp_path / "data", f"file://{tmp_path}/nowhere"))
    assert reason.startswith("There is no git repository at this address.")


def test_a_damaged_mirror_is_made_anew(spec, tmp_path):
    run(spec("echo hi"))
    for mirror in (tmp_path / "data" / "mirrors" / "1").glob("7-*[0-9a-f]"):
        shutil.rmtree(mirror / "objects")
    shutil.rmtree(tmp_path / "data" / "workspaces")
    _, told = run(spec(script="script.sh"))
    assert told.lines[-1] == "hi"
    assert any("is made anew" in line for line in told.lines)


@pytest.fixture
def hanging(tmp_path):
    """A run whose git hangs for ever in ssh, and what to wait for."""
    ssh = tmp_path / "ssh"
    ssh.write_text("#!/bin/sh\nsleep 100\n")
    ssh.chmod(0o755)
    settings = {"env_vars": {"GIT_SSH_COMMAND": str(ssh), "GIT_SSH_VARIANT": "ssh"}}
    spec = spec_of(tmp_path / "data", "ssh://example.test/r", settings=settings)
    return spec, lambda: marked(f"/bin/sh\0{ssh}")


@pytest.mark.parametrize("killed", [False, True])
def test_a_stop_while_git_hangs_ends_git(hanging, killed):
    """Also where whoever stops the run has killed git himself."""
    spec, pids = hanging
    others = set(descendants(os.getpid()))
    told, guardian = ListReporter(), Guardian.fork(spec.mark)

    def stop():
        until(pids)
        told.cancelled = True
        if killed:
            kill_children({guardian.pid, *others})

    stopper = threading.Thread(target=stop)
    stopper.start()
    with pytest.raises(Cancelled):
        EXECUTORS["bash"]().run(spec, told, guardian)
    stopper.join()
    guardian.close()
    assert marked(spec.mark) == [] and not any("anew" in line for line in told.lines)


def test_a_git_that_somebody_kills_does_not_cost_the_mirror(hanging):
    spec, pids = hanging
    others = set(descendants(os.getpid()))
    told, guardian = ListReporter(), Guardian.fork(spec.mark)

    def kill():
        until(pids)
        kill_children({guardian.pid, *others})

    killer = threading.Thread(target=kill)
    killer.start()
    with pytest.raises(PreparationFailed, match="killed by signal 9"):
        EXECUTORS["bash"]().run(spec, told, guardian)
    killer.join()
    guardian.close()
    assert not any("anew" in line for line in told.lines)


def test_a_full_disk_is_said(spec, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "mirrors").write_text("in the way")
    assert refused(spec()).startswith("The workspace cannot be prepared: ")


def test_the_demo_needs_no_network_and_no_branch_and_is_equal_everywhere(tmp_path):
    details = {"username": "alice"}
    spec = spec_of(tmp_path / "data", demo.URL, "hello.sh", branch="", details=details)
    outcome, told = run(spec)
    assert outcome.succeeded and "Hello, alice!" in told.text
    assert told.commits == [
        ("89c02d8c768b08b33940f24f3535ddfa143f0961", "Scripts of the demo project")
    ]
