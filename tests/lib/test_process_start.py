"""What cannot be started is named."""

from pathlib import Path

import pytest

from app.lib.process import CommandNotStarted, Guardian
from tests.lib.guarded_commands import ENV, output_of

pytestmark = pytest.mark.processes


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "script.sh"
    path.write_text("#!/no/such/interpreter\n")
    path.chmod(0o755)
    return path


def refused(guardian: Guardian, *argv: str, cwd: str | Path = "/") -> str:
    with pytest.raises(CommandNotStarted) as refusal:
        guardian.start(argv, cwd=cwd, env=ENV)
    assert guardian.wait(None) == 127
    assert output_of(guardian) == b""
    return str(refusal.value)


def test_a_program_that_is_not_there_is_named(guardian: Guardian) -> None:
    assert refused(guardian, "no-such-tool") == (
        "no-such-tool was not found: install it or set its path"
    )


def test_a_directory_that_is_not_there_is_named(guardian: Guardian) -> None:
    assert refused(guardian, "env", cwd="/no/such") == "The directory /no/such does not exist"


def test_a_file_is_no_directory(guardian: Guardian, script: Path) -> None:
    assert refused(guardian, "env", cwd=script) == f"The directory {script} does not exist"


def test_a_program_that_must_not_be_executed_is_named(guardian: Guardian, script: Path) -> None:
    script.chmod(0o644)
    assert refused(guardian, str(script)) == f"Permission denied: {script}"


def test_a_missing_interpreter_is_told_from_a_missing_script(
    guardian: Guardian, script: Path
) -> None:
    assert refused(guardian, str(script)) == (
        f"{script} names an interpreter in its first line that was not found"
    )


def test_a_file_that_is_no_program_is_named(guardian: Guardian, script: Path) -> None:
    script.write_bytes(b"\x00\x01\x02")
    assert refused(guardian, str(script)) == f"{script} cannot be started: Exec format error"


def test_arguments_that_are_too_long_are_refused(guardian: Guardian) -> None:
    assert refused(guardian, "env", "x" * 200_000) == (
        "env cannot be started: one of its arguments and variables is longer than 128 KB, or all"
        " together than 2 MB"
    )


def test_a_zero_byte_is_refused(guardian: Guardian) -> None:
    assert refused(guardian, "env", "a\0b") == (
        "env cannot be started: an argument or a variable holds a zero byte"
    )
