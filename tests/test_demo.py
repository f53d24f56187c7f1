import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app import demo
from app.demo import PLAYBOOKS, SCRIPTS

HERE = os.path.dirname(demo.__file__)
PLAIN = {"PATH": "/usr/bin:/bin"}


def start(script, *arguments, env=PLAIN):
    return subprocess.Popen(
        ["bash", f"{HERE}/{script}", *arguments],
        env=env,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_script_is_bash_and_can_be_executed(script):
    subprocess.run(["bash", "-n", f"{HERE}/{script}"], check=True)
    assert os.access(f"{HERE}/{script}", os.X_OK)


def test_hello_shows_what_it_knows_and_does_without_it():
    known = {
        "SEMAPHORE_TASK_DETAILS_USERNAME": "alice",
        "SEMAPHORE_TASK_DETAILS_ID": "42",
        "SEMAPHORE_TASK_DETAILS_COMMIT_HASH": "9f2c1ab37d",
    }
    with start("hello.sh", "--x", env=PLAIN | known) as one, start("hello.sh") as two:
        full, bare = one.communicate()[0], two.communicate()[0]
    assert (one.returncode, two.returncode) == (0, 0)
    assert all(text in full for text in ("Hello, alice!", " 42\n", " 9f2c1ab3 ", " --x\n"))
    assert "Hello, world!" in bare


def test_fail_says_why_on_standard_error():
    with start("fail.sh") as process:
        output, errors = process.communicate()
    assert process.returncode == 3
    assert "was not found" in errors and "part of the demo" in output


def test_the_big_log_has_100000_lines():
    with start("big-log.sh") as process:
        lines = process.communicate()[0].splitlines()
    assert len(lines) == 100_000 and lines[-1] == "Done: 100,000 lines."
    assert sum("FAILED" in line for line in lines) == 10


def test_the_countdown_ends_by_itself():
    with start("countdown.sh", "1") as process:
        assert process.communicate()[0].endswith("Lift-off.\n")
    assert process.returncode == 0


def test_the_countdown_says_goodbye_when_it_is_stopped():
    with start("countdown.sh") as process:
        first = process.stdout.readline()
        os.killpg(process.pid, signal.SIGTERM)
        rest = process.communicate()[0]
    assert "30" in first and "Asked to stop with 30 seconds to go" in rest
    assert process.returncode == 143


def test_the_history_is_the_same_each_time():
    assert demo.history() == demo.history()
    assert all(name.encode() in demo.history() for name in SCRIPTS)


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_every_playbook_runs_on_this_machine_without_a_network(playbook, tmp_path):
    program = Path(sys.executable).with_name("ansible-playbook")
    command = [str(program), "-i", "localhost,", "-c", "local", f"{HERE}/{playbook}"]
    told = ["-e", json.dumps({"semaphore_vars": {"task_details": {"id": 7, "username": "ann"}}})]
    done = subprocess.run(
        [*command, *told], env=PLAIN | {"HOME": str(tmp_path)}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
    assert "Run 7 of ann" in done.stdout and "changed=0" in done.stdout
