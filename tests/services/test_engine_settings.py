"""What of the server's files tasks are kept from, wherever a setting has put them."""

from pathlib import Path

import pytest
from sqlalchemy import make_url

from app.db import db
from app.services import engine_settings


def test_all_files_of_sqlite_are_hidden_wherever_they_lie(tmp_path):
    url = make_url(f"sqlite:///{tmp_path}/elsewhere.db")
    assert engine_settings.database_files(url) == [
        Path(f"{tmp_path}/elsewhere.db{ending}") for ending in ("", "-wal", "-shm", "-journal")
    ]


@pytest.mark.parametrize("url", ["postgresql+psycopg://db/heliograph", "mysql+pymysql://db/x"])
def test_a_database_server_has_no_files_to_hide(url):
    assert engine_settings.database_files(make_url(url)) == []


def test_runs_are_kept_from_the_database_of_this_server(app):
    hidden = engine_settings.of_server().isolation.hidden
    assert set(engine_settings.database_files(db.engine.url)) <= set(hidden)
