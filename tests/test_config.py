"""Where a setting comes from, what counts first, and what is said about a bad value."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from app.config import Config, unknown_names
from app.lib.settings import SettingError


@pytest.fixture
def file(tmp_path: Path) -> Any:
    """Write a config.json; returns the environment that names it."""

    def write(**values: Any) -> dict[str, str]:
        path = tmp_path / "config.json"
        path.write_text(json.dumps(values))
        return {"SEMAPHORE_CONFIG_PATH": str(path)}

    return write


def refused(env: dict[str, str], **flags: str) -> str:
    with pytest.raises(SettingError) as error:
        Config.load(env, **flags)
    text = str(error.value)
    assert "\n" not in text
    return text


def test_what_is_nearest_to_the_program_counts(file: Any) -> None:
    env = file(port=":4001")
    path = env["SEMAPHORE_CONFIG_PATH"]
    assert Config.load({}).PORT == 3000
    found = [(c.PORT, c.origins["PORT"]) for c in (
        Config.load(env),
        Config.load(env | {"SEMAPHORE_PORT": "4002"}),
        Config.load(env | {"SEMAPHORE_PORT": "4002", "PORT": "4003"}),
        Config.load(env | {"SEMAPHORE_PORT": "4002", "PORT": "4003"}, port="4004"),
    )]  # fmt: skip
    assert found == [
        (4001, f"{path}: port"),
        (4002, "SEMAPHORE_PORT"),
        (4003, "PORT"),
        (4004, "--port"),
    ]


def test_a_database_url_counts_before_its_parts() -> None:
    env = {"DATABASE_URL": "postgres://here/a", "SEMAPHORE_DB_DIALECT": "mysql"}
    assert Config.load(env).database_url == "postgresql+psycopg://here/a"
    assert "DB_HOST" not in Config.load(env).origins


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from a file\n")
    config = Config.load({"SECRET_KEY_FILE": str(tmp_path / "key")})
    assert (config.SECRET_KEY, config.origins["SECRET_KEY"]) == ("from a file", "SECRET_KEY_FILE")
    assert "cannot be read" in refused({"SECRET_KEY_FILE": str(tmp_path / "none")})


def test_a_name_that_no_setting_reads_is_found() -> None:
    env = {"SEMAPHORE_PROT": "1", "HELIOGRAPH_DEV": "1", "SEMAPHORE_DB_PASS_FILE": "x", "HOME": "/"}
    assert unknown_names(env) == ["SEMAPHORE_PROT"]


@pytest.mark.parametrize("dialect", ["postgres", "mysql"])
def test_any_password_and_user_work(dialect: str) -> None:
    parts = {"HOST": "db.example.test:15432", "USER": "a@b", "PASS": "p@ss/w:%40 ?#", "NAME": "x"}
    env = {f"SEMAPHORE_DB_{k}": v for k, v in parts.items()}
    url = make_url(Config.load(env | {"SEMAPHORE_DB_DIALECT": dialect}).database_url)
    assert (url.username, url.password) == ("a@b", "p@ss/w:%40 ?#")
    assert (url.host, url.port, url.database) == ("db.example.test", 15432, "x")


def test_the_originals_file_names_the_database(file: Any) -> None:
    database = {"host": "db.example.test", "user": "u", "pass": "p/w", "name": "jobs"}
    env = file(
        dialect="postgres",
        postgres=database | {"options": {"sslmode": "disable"}},
        mysql={"host": "another.example.test"},
    )
    config = Config.load(env | {"SEMAPHORE_DB_USER": "from-env"})
    url = make_url(config.database_url)
    assert (url.drivername, url.host, url.database) == (
        "postgresql+psycopg", "db.example.test", "jobs",
    )  # fmt: skip
    assert (url.username, url.password) == ("from-env", "p/w")
    assert url.query == {"sslmode": "disable"}


def test_what_only_gos_driver_knows_is_not_given_to_ours(file: Any) -> None:
    env = file(dialect="mysql", mysql={"host": "/run/my.sock", "options": {"parseTime": "true"}})
    url = make_url(Config.load(env).database_url)
    assert (url.host, url.query) == (None, {"unix_socket": "/run/my.sock"})


@pytest.mark.parametrize(
    ("given", "level"), [("warn", "WARNING"), ("Debug", "DEBUG"), ("PANIC", "CRITICAL")]
)
def test_a_log_level_may_be_written_as_in_the_original(given: str, level: str) -> None:
    found = Config.load({"SEMAPHORE_LOG_LEVEL": given}).LOG_LEVEL
    assert found == level


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("PORT", "many", "'many' is not a whole number"),
        ("PORT", "70000", "70000 is not between 1 and 65535"),
        ("SEMAPHORE_PORT", "0", "0 is not between 1 and 65535"),
        ("SEMAPHORE_DB_DIALECT", "bolt", "'bolt' is not supported, only sqlite, postgres, mysql"),
        ("SEMAPHORE_LOG_LEVEL", "LOUD", "'LOUD' is not supported, only DEBUG, INFO, WARNING, "
         "ERROR, CRITICAL"),
        ("HELIOGRAPH_LOG_FORMAT", "xml", "'xml' is not supported, only text, json"),
        ("WEB_CONCURRENCY", "0", "0 is not between 1 and 1000"),
        ("WEB_CONCURRENCY", "2", "more than one web process needs a database server"),
        ("HELIOGRAPH_SECURE_COOKIES", "maybe", "'maybe' is not yes or no"),
        ("SEMAPHORE_FORWARDED_ENV_VARS", "HOME", "'HOME' is not a JSON list of texts"),
        ("DATABASE_URL", "oracle://u:secret@h/x",
         "begins with sqlite:///, postgresql:// or mysql://"),
        ("SEMAPHORE_CONFIG_PATH", "/nowhere.json", "/nowhere.json does not exist"),
    ],
)  # fmt: skip
def test_a_bad_value_is_named_in_one_line(name: str, value: str, why: str) -> None:
    assert refused({name: value}) == f"{name}: {why}"


def test_a_file_that_is_no_object_is_named(file: Any, tmp_path: Path) -> None:
    env = file(dialect="mysql", mysql="here")
    assert refused(env) == f"{tmp_path}/config.json: mysql is not an object"
    (tmp_path / "config.json").write_text("[1]")
    assert refused(env).startswith(f"{tmp_path}/config.json is not a JSON object: ")
