"""A dump is read to its end or refused: no byte of it can be missing, wrong or too many."""

import random
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from app.lib import dump_file
from app.lib.dump_file import DumpError

VALUES = [{"a": [1, None, "ä\ud800"]}, list(range(50)), "x" * 600_000, random.Random(1).random()]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return made(tmp_path / "dump", VALUES)


def made(path: Path, values: list[Any]) -> Path:
    with dump_file.create(path) as append:
        for value in values:
            append(value)
    return path


def test_what_was_written_is_read(file: Path) -> None:
    assert list(dump_file.lines(file)) == VALUES


def test_a_file_cut_anywhere_is_refused(file: Path) -> None:
    content = file.read_bytes()
    for length in range(len(content)):
        file.write_bytes(content[:length])
        with pytest.raises(DumpError):
            list(dump_file.lines(file))


def test_a_wrong_byte_anywhere_is_refused_or_changes_nothing(file: Path) -> None:
    content = file.read_bytes()
    for place in range(len(content)):
        file.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        with suppress(DumpError):
            assert list(dump_file.lines(file)) == VALUES


def test_something_behind_the_end_is_refused(file: Path) -> None:
    file.write_bytes(file.read_bytes() + b"x")
    with pytest.raises(DumpError):
        list(dump_file.lines(file))


@pytest.mark.parametrize("content", [b"", b"PK\3\4", b'{"end": true}\n', bytes(100)])
def test_another_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "other").write_bytes(content)
    with pytest.raises(DumpError):
        list(dump_file.lines(tmp_path / "other"))


def test_what_fails_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        made(tmp_path / "dump", [object()])
    assert not (tmp_path / "dump").exists()


def test_a_file_that_exists_stays(file: Path) -> None:
    with pytest.raises(FileExistsError):
        made(file, [])
    assert list(dump_file.lines(file)) == VALUES
