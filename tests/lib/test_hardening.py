"""What other processes of the same user may see of a hardened one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.processes

SECRET = "correct-horse-battery-staple"
IMPORTS = "import os, subprocess; from app.lib import hardening\n"


def python(code: str) -> str:
    """What a fresh interpreter with a secret in its environment prints."""
    return subprocess.run(
        [sys.executable, "-c", IMPORTS + code],
        env=os.environ | {"A_SECRET": SECRET, "EMPTY": "", "UMLAUT": "ü"},
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout.strip()


def test_the_initial_environment_holds_the_secret_without_scrubbing() -> None:
    assert python("print(open('/proc/self/environ').read().count(os.environ['A_SECRET']))") == "1"


def test_scrubbing_erases_the_initial_environment() -> None:
    shown = python("hardening.scrub_environment(); print(open('/proc/self/environ').read())")
    assert shown.strip("\0\n") == ""


def test_scrubbing_leaves_os_environ_as_it_was() -> None:
    code = "before = dict(os.environ); hardening.scrub_environment(); print(before == os.environ)"
    assert python(code) == "True"


def test_children_still_get_the_environment_after_scrubbing() -> None:
    code = "hardening.scrub_environment(); subprocess.run(['env'])"
    lines = python(code).splitlines()
    assert {f"A_SECRET={SECRET}", "EMPTY=", "UMLAUT=ü"} <= set(lines)


def test_variables_can_be_set_and_removed_after_scrubbing() -> None:
    code = (
        "hardening.scrub_environment(); os.environ['NEW'] = '1'; del os.environ['A_SECRET']\n"
        "subprocess.run(['env'])"
    )
    lines = python(code).splitlines()
    assert "NEW=1" in lines
    assert not [line for line in lines if line.startswith("A_SECRET=")]


def test_a_process_can_become_undumpable() -> None:
    code = "hardening.become_undumpable(); print(hardening.is_dumpable())"
    assert python(code) == "False"


def test_a_fork_stays_undumpable() -> None:
    code = (
        "hardening.become_undumpable()\n"
        "if not os.fork(): print(hardening.is_dumpable(), flush=True); os._exit(0)\n"
        "os.wait()"
    )
    assert python(code) == "False"
