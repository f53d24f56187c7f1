"""What must be there before the application is made, and what is said if it is not."""

import base64
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from app.boot import open_keyring, prepare
from app.config import Config
from app.lib.settings import SettingError


@pytest.mark.parametrize(
    ("dyno", "host", "reason"),
    [
        ("web.1", "", "DYNO is set, so nothing on this disk is shared or kept"),
        ("", "db.example.test", "The database is not on this machine"),
    ],
)
def test_generated_keys_are_refused_with_the_reason(
    dyno: str, host: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if dyno:
        monkeypatch.setenv("DYNO", dyno)
    url = f"postgres://{host}/x" if host else ""
    config = Config(DATA_DIR=tmp_path, DATABASE_URL=url, SECRET_KEY="given", LOG_LEVEL="WARNING")
    with pytest.raises(SettingError) as error:
        prepare(config)
    needed = "set SEMAPHORE_ACCESS_KEY_ENCRYPTION, REDIS_URL (flask generate-keys prints them)"
    assert str(error.value) == f"{reason}: {needed}"


def test_a_url_that_cannot_be_read_is_named_without_its_password(tmp_path: Path) -> None:
    url = "postgres://u:secret@host:port/x"
    with pytest.raises(SettingError) as error:
        prepare(Config(DATA_DIR=tmp_path, DATABASE_URL=url, LOG_LEVEL="WARNING"))
    assert str(error.value) == "DATABASE_URL: is not a URL of a database"


@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_a_keyring_that_got_lost_is_not_replaced(journal: str, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "heliograph.db", isolation_level=None)) as database:
        database.execute(f"PRAGMA journal_mode={journal}")
        database.execute("CREATE TABLE access_key (secret TEXT)")
        open_keyring(Config(DATA_DIR=tmp_path))
        (tmp_path / "keyring.json").unlink()
        database.execute("INSERT INTO access_key VALUES ('v1.abc.def')")
    with pytest.raises(SettingError, match=r"keyring\.json is missing, but the database holds"):
        open_keyring(Config(DATA_DIR=tmp_path))
    assert not (tmp_path / "keyring.json").exists()
    given = base64.b64encode(bytes(32)).decode()
    assert open_keyring(Config(DATA_DIR=tmp_path, ACCESS_KEY_ENCRYPTION=given)).active
