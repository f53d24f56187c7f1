import os
import subprocess
import tempfile
from pathlib import Path

import pytest

from app.lib import scratch


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def dead() -> int:
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


def test_it_is_private_and_goes_with_its_block(temporary):
    with scratch.directory("agent") as path:
        assert Path(path).parent == temporary and Path(path).stat().st_mode & 0o777 == 0o700
    assert list(temporary.iterdir()) == []


def test_what_a_killed_process_has_left_is_removed_and_nothing_else(temporary, tmp_path):
    other = tmp_path / "elsewhere"
    kept = ["heliograph-agent-1-x/secret", "heliograph-notes/x", "heliograph-agent-x-y/z"]
    gone = [f"heliograph-ssh-{dead()}-abc_12/config", f"elsewhere/heliograph-git-{dead()}-abc/k"]
    for name in (*kept, *gone):
        (temporary / name).parent.mkdir(parents=True)
        (temporary / name).touch()
    with scratch.directory("git", str(temporary)) as mine:
        scratch.remove_dead(str(other))
        assert Path(mine).exists()
    assert [name for name in (*kept, *gone) if (temporary / name).exists()] == kept


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_belongs_to_another_user_is_left(temporary):
    path = temporary / f"heliograph-ssh-{dead()}-abc"
    path.mkdir()
    os.chown(path, 12345, 12345)
    scratch.remove_dead()
    assert path.exists()
