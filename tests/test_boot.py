"""What must be there before the application is made, and what is said if it is not."""

from pathlib import Path

import pytest

from app.boot import prepare
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
