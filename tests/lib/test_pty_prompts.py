"""Real programs ask for passwords on a terminal, watched over by a real guardian."""

import os
import subprocess
import sys
import threading
import uuid
from pathlib import Path

import pytest

from app.lib import pty_prompts
from app.lib.process import Guardian
from app.lib.pty_prompts import NoTerminal, Terminal

pytestmark = pytest.mark.processes

ENV = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
PLAYBOOK, VAULT = map(Path(sys.executable).with_name, ("ansible-playbook", "ansible-vault"))
PLAY = """
- hosts: localhost
  gather_facts: false
  connection: local
  become: true
  vars: {ansible_become_exe: "{{ playbook_dir }}/sudo"}
  become_user: somebody
  tasks: [raw: "true"]
"""
SUDO = """#!/bin/bash
while [ "$1" != -p ]; do shift; done
printf %s "$2" >&2
read -r given
echo "$given" >"${0%/*}/given"
exec "${@:5}"
"""
ASK = "from getpass import getpass\n"


@pytest.fixture
def told() -> list[str]:
    """What came out at the terminal and was no prompt."""
    return []


def output_of(guardian: Guardian) -> str:
    parts = []
    while part := os.read(guardian.output, 65536):
        parts.append(part)
    return b"".join(parts).decode()


def python(guardian: Guardian, terminal: Terminal, script: str) -> str:
    argv = [sys.executable, "-c", script]
    guardian.start(argv, cwd="/", env=ENV, terminal=terminal.slave)
    output = output_of(guardian)
    guardian.wait(None)
    return output


def test_each_prompt_gets_its_answer(guardian: Guardian, told: list[str]) -> None:
    answers = [("SSH password:", "one"), ("BECOME password", "two"), ("Vault password (x):", "3")]
    prompts = ("SSH password: ", "BECOME password[defaults to SSH password]: ")
    script = f"{ASK}for p in {(*prompts, 'Vault password (x): ')}: print(getpass(p))"
    with Terminal(answers, on_text=told.append) as terminal:
        assert python(guardian, terminal, script).split() == ["one", "two", "3"]
    assert (told, terminal.reason) == ([], None)


@pytest.mark.parametrize(
    "secret", ["", "ünï ✓", "".join(map(chr, {*range(128)} - {10, 13})), "x" * 4095]
)
def test_every_character_arrives(guardian: Guardian, told: list[str], secret: str) -> None:
    script = f"{ASK}print(ascii(getpass('SSH password: ')))"
    with Terminal([("SSH password:", secret)], on_text=told.append) as terminal:
        assert python(guardian, terminal, script) == ascii(secret) + "\n"


@pytest.mark.parametrize("secret", ["two\nlines", "x" * 4096])
def test_what_cannot_be_typed_is_refused(secret: str, told: list[str]) -> None:
    with pytest.raises(ValueError, match="must be one line"):
        Terminal([("SSH password:", secret)], on_text=told.append)


def test_a_program_that_reads_its_input_is_answered_too(
    guardian: Guardian, told: list[str]
) -> None:
    script = "printf 'SSH password: ' >/dev/tty; read -r given; echo got $given"
    with Terminal([("SSH password:", "hidden")], on_text=told.append) as terminal:
        guardian.start(["bash", "-c", script], cwd="/", env=ENV, terminal=terminal.slave)
        assert output_of(guardian) == "got hidden\n"
        guardian.wait(None)
    assert told == []


def test_a_secret_is_not_echoed_where_the_program_turned_the_echo_on(
    guardian: Guardian, told: list[str]
) -> None:
    script = "stty echo; printf 'SSH password: ' >/dev/tty; read -r given; echo end >/dev/tty"
    with Terminal([("SSH password:", "hidden")], on_text=told.append) as terminal:
        guardian.start(["bash", "-c", script], cwd="/", env=ENV, terminal=terminal.slave)
        guardian.wait(None)
    assert told == ["end"]


def test_what_is_no_prompt_is_told_line_by_line(guardian: Guardian, told: list[str]) -> None:
    script = f"{ASK}open('/dev/tty', 'w').write('Hello\\nüber all\\n\\nno end')"
    with Terminal([("SSH password:", "one")], on_text=told.append) as terminal:
        python(guardian, terminal, script)
    assert told == ["Hello", "über all", "no end"]


def test_the_last_words_of_a_command_are_never_lost(guardian: Guardian) -> None:
    for number in range(20):
        told: list[str] = []
        with Terminal([], on_text=told.append) as terminal:
            script = f"for n in {{1..{number}}}; do echo $n; done >/dev/tty"
            guardian.start(["bash", "-c", script], cwd="/", env=ENV, terminal=terminal.slave)
            guardian.wait(None)
        assert len(told) == (number or 2)  # {1..0} counts backwards


def test_a_wrong_secret_is_typed_three_times(guardian: Guardian, told: list[str]) -> None:
    script = f"{ASK}while True: print(getpass('SSH password: '), flush=True)"
    with Terminal([("SSH password:", "wrong")], on_text=told.append) as terminal:
        assert python(guardian, terminal, script) == "wrong\n" * 3
        assert guardian.wait(0) == 129
    assert terminal.reason == (
        "It asks for “SSH password:” again and again: the secret it was given is wrong"
    )


def test_a_program_that_ignores_the_hang_up_reads_the_end(
    guardian: Guardian, told: list[str]
) -> None:
    script = (
        "trap '' HUP; while printf 'SSH password: ' >/dev/tty && read -r given; do :; done; exit 7"
    )
    with Terminal([("SSH password:", "wrong")], on_text=told.append) as terminal:
        guardian.start(["bash", "-c", script], cwd="/", env=ENV, terminal=terminal.slave)
        assert guardian.wait(60) == 7
    assert terminal.reason is not None


def test_a_question_that_nobody_can_answer_ends_the_command(
    guardian: Guardian, told: list[str]
) -> None:
    script = f"{ASK}getpass('\\x1b[1mToken for example.com: ')"
    with Terminal([("SSH password:", "one")], on_text=told.append, patience=0.2) as terminal:
        python(guardian, terminal, script)
    assert terminal.reason == "It asks for “Token for example.com:” and nobody can answer"
    assert told == ["\x1b[1mToken for example.com:"]


def test_a_question_that_nobody_can_answer_is_told_once(
    guardian: Guardian, told: list[str]
) -> None:
    questions: list[str] = []
    asked = threading.Event()

    def note(question: str) -> None:
        questions.append(question)
        asked.set()

    script = "printf 'Continue (yes/no)? ' >/dev/tty; read -r"
    with Terminal([], on_text=told.append, on_unanswered=note, patience=0.1) as terminal:
        guardian.start(["bash", "-c", script], cwd="/", env=ENV, terminal=terminal.slave)
        assert asked.wait(60)
        assert guardian.wait(0.5) is None
        guardian.terminate()
        guardian.wait(None)
    assert questions == told == ["Continue (yes/no)?"]
    assert terminal.reason == "It asks for “Continue (yes/no)?” and nobody can answer"


def test_a_command_that_is_killed_while_it_asks_leaves_nothing(told: list[str]) -> None:
    before = len(os.listdir("/proc/self/fd")), threading.active_count()
    guardian = Guardian.fork(uuid.uuid4().hex)
    with Terminal([], on_text=told.append) as terminal:
        script = "printf 'Password? ' >/dev/tty; echo asked; read -r"
        guardian.start(["bash", "-c", script], cwd="/", env=ENV, terminal=terminal.slave)
        assert os.read(guardian.output, 20) == b"asked\n"
        guardian.kill()
    guardian.close()
    assert told == ["Password?"]
    assert (len(os.listdir("/proc/self/fd")), threading.active_count()) == before


def test_no_terminal_is_an_error_of_its_own(
    monkeypatch: pytest.MonkeyPatch, told: list[str]
) -> None:
    def none() -> tuple[int, int]:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pty_prompts.os, "openpty", none)
    with pytest.raises(NoTerminal, match="No space left"), Terminal([], on_text=told.append):
        pass


@pytest.mark.skipif(not PLAYBOOK.exists(), reason="ansible is not installed")
def test_ansible_gets_its_passwords(guardian: Guardian, told: list[str], tmp_path: Path) -> None:
    """The play is encrypted, and its sudo notes what it was given."""
    (tmp_path / "play.yml").write_text(PLAY)
    (tmp_path / "sudo").write_text(SUDO)
    (tmp_path / "sudo").chmod(0o755)
    (tmp_path / "password").write_text("three")
    env = ENV | {"HOME": str(tmp_path)}
    vault = [str(VAULT), "encrypt", "--vault-id=a@password", "play.yml"]
    subprocess.run(vault, cwd=tmp_path, env=env, check=True, capture_output=True)
    answers = [
        ("SSH password:", "one"),
        ("BECOME password", "two"),
        ("Vault password (a):", "three"),
    ]
    options = ["--ask-pass", "--ask-become-pass", "--vault-id=a@prompt"]
    argv = [str(PLAYBOOK), *options, "-i", "localhost,", "play.yml"]
    with Terminal(answers, on_text=told.append) as terminal:
        guardian.start(argv, cwd=tmp_path, env=env, terminal=terminal.slave)
        output = output_of(guardian)
        assert guardian.wait(None) == 0, output
    assert (tmp_path / "given").read_text() == "two\n"
    assert (told, terminal.reason) == ([], None)
