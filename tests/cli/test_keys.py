"""flask generate-keys prints settings that a server can start with."""

import os
import subprocess
import sys
from pathlib import Path

from flask import Flask

from app.lib.keyring import Keyring

ROOT = Path(__file__).parents[2]


def settings_of(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines())


def test_the_keys_can_be_used_and_differ_each_time(app: Flask, tmp_path: Path) -> None:
    first, second = (
        settings_of(app.test_cli_runner().invoke(args=["generate-keys"]).output) for _ in range(2)
    )
    assert list(first) == ["SECRET_KEY", "SEMAPHORE_ACCESS_KEY_ENCRYPTION"]
    assert len(first["SECRET_KEY"]) == 64
    assert set(first.values()).isdisjoint(second.values())
    assert Keyring.open(tmp_path / "keyring.json", first["SEMAPHORE_ACCESS_KEY_ENCRYPTION"])


def test_they_can_be_made_where_the_server_cannot_start_without_them() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "app.cli.keys"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DYNO": "run.1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    assert list(settings_of(done.stdout)) == ["SECRET_KEY", "SEMAPHORE_ACCESS_KEY_ENCRYPTION"]
