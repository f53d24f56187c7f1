"""Whether the migrations can be skipped is decided on the safe side."""

import sqlite3
from pathlib import Path

import pytest

from app.lib.migrated import heads, is_newest


@pytest.fixture
def versions(tmp_path: Path) -> Path:
    directory = tmp_path / "versions"
    directory.mkdir()
    (directory / "0001_first.py").write_text("revision = '0001'\ndown_revision = None\n")
    (directory / "0002_more.py").write_text(
        'revision: str = "0002"\ndown_revision: str | None = "0001"\n'
    )
    return directory


def database(tmp_path: Path, *revisions: str) -> Path:
    path = tmp_path / "database.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
    for revision in revisions:
        connection.execute("INSERT INTO alembic_version VALUES (?)", (revision,))
    connection.commit()
    connection.close()
    return path


def test_a_database_with_the_last_revision_is_newest(tmp_path: Path, versions: Path) -> None:
    assert is_newest(database(tmp_path, "0002"), versions)


def test_an_older_or_unknown_revision_is_not(tmp_path: Path, versions: Path) -> None:
    assert not is_newest(database(tmp_path, "0001"), versions)


def test_a_database_without_a_revision_is_not(tmp_path: Path, versions: Path) -> None:
    assert not is_newest(database(tmp_path), versions)


def test_a_file_that_is_missing_empty_or_no_database_is_not(tmp_path: Path, versions: Path) -> None:
    path = tmp_path / "other.db"
    assert not is_newest(path, versions)
    assert not path.exists()
    path.touch()
    assert not is_newest(path, versions)
    path.write_text("this is no database, and it is long enough to look like one" * 20)
    assert not is_newest(path, versions)


def test_two_branches_must_both_be_there(tmp_path: Path, versions: Path) -> None:
    (versions / "0003_other.py").write_text("revision = '0003'\ndown_revision = '0001'\n")
    assert not is_newest(database(tmp_path, "0002"), versions)


def test_a_merge_builds_upon_both(versions: Path) -> None:
    (versions / "0003_other.py").write_text("revision = '0003'\ndown_revision = '0001'\n")
    (versions / "0004_merge.py").write_text("revision = '0004'\ndown_revision = ('0002', '0003')\n")
    assert heads(versions) == {"0004"}
