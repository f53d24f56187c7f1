"""The host that the URL of a database names."""

import pytest

from app.lib.database_url import host
from app.lib.settings import SettingError


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("sqlite:////var/lib/heliograph.db", None),
        ("postgresql+psycopg:///name", None),
        ("postgresql+psycopg:///name?host=/run/postgresql", None),
        ("postgresql+psycopg://db.example.test/name", "db.example.test"),
        ("postgresql+psycopg://user@db.example.test:5432/name", "db.example.test"),
        ("postgresql+psycopg://user:a:b/c@db.example.test/name", "db.example.test"),
        ("mysql+pymysql://user:p%40ss@[::1]:3306/name?charset=utf8mb4", "::1"),
        ("mysql+pymysql://user:@localhost", "localhost"),
    ],
)
def test_the_host_of_a_url(url: str, expected: str | None) -> None:
    assert host(url) == expected


@pytest.mark.parametrize("url", ["postgresql+psycopg://h:port/x", "no url", ""])
def test_what_is_no_url_is_refused_without_being_shown(url: str) -> None:
    with pytest.raises(SettingError) as error:
        host(url)
    assert str(error.value) == "DATABASE_URL: is not a URL of a database"
