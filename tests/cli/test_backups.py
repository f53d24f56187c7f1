"""flask backup and flask restore, as the program that people call."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ANNA = ("--login", "anna", "--name", "Anna", "--email", "anna@example.test")

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def flask(tmp_path: Path) -> Run:
    """Run a command on a data directory: flask("first", "backup", "file")."""

    def run(folder: str, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME")}
        kept |= {"HELIOGRAPH_DATA_DIR": str(tmp_path / folder), "REDIS_URL": "unix:///nonexistent"}
        argv = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
        return subprocess.run(argv, cwd=ROOT, env=kept | env, capture_output=True, text=True)

    return run


@pytest.mark.processes
def test_an_instance_is_saved_and_comes_back_without_server_and_redis(
    flask: Run, tmp_path: Path
) -> None:
    file = str(tmp_path / "backup")
    assert flask("first", "db", "upgrade").returncode == 0
    assert flask("first", "user", "add", *ANNA, "--password", "x" * 12).returncode == 0
    saved = flask("first", "backup", file)
    assert (saved.returncode, saved.stderr) == (0, "")
    assert saved.stdout.startswith(f"{file}: ")
    restored = flask("second", "restore", file)
    assert restored.returncode == 0
    assert "        1 user\n" in restored.stdout
    assert flask("second", "user", "list").stdout == "anna\n"
    again = flask("second", "restore", file)
    assert again.returncode == 1
    assert (
        again.stderr == "Error: The database holds data (event, user): --force replaces all of it\n"
    )
    assert flask("second", "restore", file, "--force").returncode == 0


@pytest.mark.processes
def test_a_refusal_is_one_line(flask: Run, tmp_path: Path) -> None:
    done = flask("first", "restore", str(tmp_path / "none"))
    assert done.returncode == 1
    assert done.stderr == f"Error: {tmp_path}/none cannot be read: No such file or directory\n"
    done = flask("first", "backup", str(tmp_path / "file"))
    assert done.stderr == (
        "Error: The tables are not those of this release: run flask db upgrade first\n"
    )


@pytest.mark.processes
@pytest.mark.skipif(shutil.which("zstd") is None, reason="zstd is not installed")
def test_a_lost_keyring_comes_back_out_of_a_backup(flask: Run, tmp_path: Path) -> None:
    file, keyring = tmp_path / "backup", tmp_path / "first" / "keyring.json"
    flask("first", "db", "upgrade")
    flask("first", "backup", str(file))
    before = json.loads(keyring.read_text())
    keyring.unlink()
    command = f"(umask 077; zstd -dc {file} | sed -n 2p > {keyring})"
    subprocess.run(["bash", "-c", command], check=True)
    assert keyring.stat().st_mode & 0o777 == 0o600
    assert json.loads(keyring.read_text()) == before
    assert flask("first", "vault", "check").returncode == 0
