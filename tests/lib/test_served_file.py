"""Each reader gets the whole text, and nobody waits."""

import os
from pathlib import Path

import pytest

from app.lib.served_file import ServedFile
from tests.lib.processes import until

LONG = "a line of some length\n" * 20_000  # more than a pipe holds


@pytest.mark.parametrize("text", ["", "port: 80\n", LONG], ids=["empty", "short", "long"])
def test_it_is_read_again_and_again(tmp_path: Path, text: str) -> None:
    with ServedFile(tmp_path / "vars.yml", text) as file:
        assert [file.path.read_text() for _ in range(5)] == [text] * 5
    assert list(tmp_path.iterdir()) == []


def test_nobody_has_to_read_it(tmp_path: Path) -> None:
    with ServedFile(tmp_path / "vars.yml", LONG):
        pass
    assert list(tmp_path.iterdir()) == []


def test_who_stops_in_the_middle_disturbs_nobody(tmp_path: Path) -> None:
    with ServedFile(tmp_path / "vars.yml", LONG) as file:
        handle = os.open(file.path, os.O_RDONLY)
        assert os.read(handle, 10) == LONG[:10].encode()
        first = file.path.stat().st_ino
        os.close(handle)
        until(lambda: file.path.stat().st_ino != first)
        assert file.path.read_text() == LONG


def test_it_ends_while_somebody_reads(tmp_path: Path) -> None:
    with ServedFile(tmp_path / "vars.yml", LONG) as file:
        handle = os.open(file.path, os.O_RDONLY)
        assert os.read(handle, 10) == LONG[:10].encode()
    os.close(handle)
    assert list(tmp_path.iterdir()) == []


def test_nobody_else_may_open_it(tmp_path: Path) -> None:
    with ServedFile(tmp_path / "vars.yml", "text") as file:
        for _ in range(2):
            assert file.path.stat().st_mode & 0o777 == 0o600
            file.path.read_text()
