"""What lies where others can write is read only if it is a plain file of some size."""

import os

import pytest

from app.lib import plain_file


def test_a_plain_file_is_read_by_its_path_or_from_a_directory(tmp_path) -> None:
    (tmp_path / "file").write_bytes(b"text")
    assert plain_file.read(tmp_path / "file", 4) == b"text"
    directory = os.open(tmp_path, os.O_DIRECTORY)
    assert plain_file.read("file", 4, directory=directory) == b"text"
    os.close(directory)


def test_a_file_that_is_too_large_or_not_there_is_not_read(tmp_path) -> None:
    (tmp_path / "file").write_bytes(b"text")
    assert plain_file.read(tmp_path / "file", 3) is None
    assert plain_file.read(tmp_path / "nothing", 3) is None


@pytest.mark.parametrize("make", [
    lambda path: path.symlink_to("secret"), os.mkfifo, os.mkdir,
    lambda path: path.symlink_to("/dev/zero"),
])  # fmt: skip
def test_links_pipes_and_directories_are_not_read(tmp_path, make) -> None:
    (tmp_path / "secret").write_text("secret")
    make(tmp_path / "file")
    assert plain_file.read(tmp_path / "file", 1 << 20) is None
