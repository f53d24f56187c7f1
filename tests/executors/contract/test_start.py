"""How every tool is started: its command line, environment, descriptors, directory, values."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.executors import EXECUTORS, KINDS, Executor, executor_of
from app.executors import TOOLS as PROGRAMS
from app.executors.spec import PreparationFailed
from app.lib.git import SYSTEM_PATH
from tests.executors.contract.calls import calls
from tests.executors.contract.tools import COMMON, GIVEN, TOOLS
from tests.executors.reporters import ListReporter
from tests.executors.runs import run

# What shells, templates, options and YAML would make something else of.
TYPED = (
    "", " ", " a ", "two words", "-x", "--check", "$(touch canary)", "`id`", "'; id #", '"', "'",
    "\\", "\\n", "a\nb\n", "a\r\nb", "tab\there", "*", "~", "$HOME", "%PATH%", "!x", "&a", "#c",
    "{{ lookup('pipe', 'id') }}", "{% x %}", "{{", "${file(\"x\")}", "%{ if }", "yes", "null",
    "1_000", "0x10", "012", "[1, 2]", "{\"a\": 1}", "@/etc/passwd", "a=b", "é☀\U0001f600",
    "\u2028", "\x01\x1b[31m", "x" * 100_000,
)  # fmt: skip


def test_every_kind_is_in_this_suite():
    assert set(TOOLS) == {*KINDS, "ruby"}


@pytest.mark.parametrize("word", EXECUTORS)
def test_every_executor_keeps_the_contract(word):
    executor, kind = EXECUTORS[word], KINDS[word]
    assert issubclass(executor, Executor) and executor.kinds[word] is kind
    assert kind.title and PROGRAMS[word] is kind.tool
    assert isinstance(executor.needs_inventory, bool)


def test_the_command_line_is_exactly_this(tool, given, command, tmp_path):
    outcome, told = run(given(**GIVEN))
    assert outcome.succeeded, told.text
    call = command()
    expected = [word.replace("{tmp}", call.tmp) for word in tool.argv]
    assert call.argv == [str(tmp_path / "bin" / tool.program), *expected]


def test_what_a_page_shows_is_what_is_started(tool, given, command):
    made = given(**GIVEN)
    run(made)
    call, folder = command(), Path("/its/folder")
    shown = executor_of(tool.app)().argv(made, folder)
    assert shown[1:] == [word.replace(call.tmp, str(folder)) for word in call.argv[1:]]


def test_the_environment_begins_empty(tool, given, command, monkeypatch, tmp_path):
    for name in ("DATABASE_URL", "SECRET_KEY", "SSH_AUTH_SOCK", "PYTHONPATH", "TF_LOG"):
        monkeypatch.setenv(name, "of the server")
    made = given(**GIVEN)
    run(made)
    call, own = command(), {**tool.env, **GIVEN["env"], **GIVEN["secret_env"]}
    assert set(call.env) == COMMON | set(own)
    assert {name: call.env[name] for name, value in own.items() if value is not None} == {
        name: value for name, value in own.items() if value is not None
    }
    programs = f"{tmp_path / 'bin'}:{SYSTEM_PATH}"
    assert call.env["PATH"] == (f"{call.tmp}/bin:" if tool.has_programs else "") + programs
    assert call.env["HELIOGRAPH_RUN"] == made.mark and "of the server" not in call.env.values()


def test_it_has_no_descriptors_but_its_own(tool, given, command):
    run(given())
    call = command()
    assert set(call.fds) == {0, 1, 2, *(int(call.env[name]) for name in tool.inherits)}
    assert call.fds[0] == "/dev/null" and call.fds[1] == call.fds[2]
    assert call.fds[1].startswith("pipe:")


def test_no_preparation_sees_more_than_the_run(tool, given, folder, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "of the server")
    run(given(**GIVEN))
    for call in calls(folder):
        assert "DATABASE_URL" not in call.env
        assert set(call.fds) - {0, 1, 2} <= {int(call.env[name]) for name in tool.inherits}


@pytest.mark.parametrize("directory", ["", "ops"])
def test_it_works_in_the_repository(tool, given, command, directory):
    outcome, told = run(given(working_directory=directory))
    assert outcome.succeeded, told.text
    call, above = command(), f"/{directory}" if directory else ""
    assert call.cwd == call.env["PWD"]
    assert call.cwd.endswith(f"/checkout{above}{tool.below}")


def test_what_people_type_arrives_byte_for_byte(tool, given, command, tmp_path):
    open_ = {f"open{n}": text for n, text in enumerate(TYPED)}
    hidden = {f"hidden{n}": text for n, text in enumerate(TYPED)}
    names = frozenset({*open_, *hidden})
    outcome, told = run(given(extra_vars=open_, secret_vars=hidden, untrusted=names))
    assert outcome.succeeded, told.text
    call = command()
    for name, text in open_.items():
        assert str(tool.value(call, name, secret=False)) == text
    for name, text in hidden.items():
        assert str(tool.value(call, name, secret=True)) == text
    assert not list(tmp_path.rglob("canary"))


@pytest.mark.parametrize("place", ["extra_vars", "secret_vars", "env", "secret_env"])
def test_what_no_process_can_be_given_is_named(tool, given, command, place):
    made = given(**{place: {"notes": "x" * 200_000}})
    if executor_of(tool.app).reads_variables and place.endswith("vars"):
        assert run(made)[0].succeeded
        assert len(tool.value(command(), "notes", secret=False)) == 200_000
        return
    with pytest.raises(PreparationFailed, match=r"Variable (TF_VAR_)?notes is longer than 128 KB"):
        run(made)


def test_no_command_line_holds_a_secret(tool, given, folder, command):
    _, told = run(given(**GIVEN))
    words = [word for call in calls(folder) for word in call.argv]
    assert words and not any("s3cr3t" in word for word in words)
    assert "s3cr3t" not in told.text
    call = command()
    assert tool.value(call, "hidden", secret=True) == "s3cr3t-variable"
    assert call.env["KEY"] == "s3cr3t-environment"


def test_a_program_that_is_missing_is_said_before_anything_else(tool, given):
    made, told = given(), ListReporter()
    path = "/nowhere/ansible-playbook" if tool.by_path else ""
    settings = replace(made.settings, env_vars={"PATH": "/nowhere"}, app_path=path)
    with pytest.raises(PreparationFailed, match=r"is not installed|does not exist"):
        run(replace(made, settings=settings), told)
    assert [data["phase"] for kind, data in told.events if kind == "section"] == ["Prepare"] * 2
