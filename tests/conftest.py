"""What tests share: an application on a database of its own, a real Valkey, and the cast.

Alice owns the project, Bob manages it, Carol runs tasks, Dave looks, Mallory is nobody, Root is a
server administrator.
"""

import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import stamp, upgrade
from playwright.sync_api import Browser, sync_playwright
from redis import Redis
from sqlalchemy import event

from app.application import create_app
from app.config import Config
from app.db import db as _db
from app.lib.embedded_redis import EmbeddedRedis
from app.models import Lock, Project, User
from tests import factories, mariadb, postgres
from tests.databases import SERVERS, number_anew
from tests.lib.valkey import start as start_valkey

# Whoever starts the tests in the background has these ignored, and so would the servers that they
# start, which must end by them.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

pytest_plugins = ["tests.garbage", "tests.skips", "tests.long_first", "tests.other_databases"]

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a Valkey that this test process owns."""
    server = EmbeddedRedis(tmp_path_factory.mktemp("valkey"))
    process = start_valkey(server)
    yield server.url
    process.kill()
    process.wait()


@pytest.fixture
def postgresql() -> Iterator[str]:
    """The URL of a server of its own."""
    if postgres.binaries() is None:
        pytest.skip("PostgreSQL is not installed")
    with postgres.cluster() as url:
        yield url


@pytest.fixture
def mysql() -> Iterator[str]:
    """The URL of a server of its own."""
    if not mariadb.is_installed():
        pytest.skip("MariaDB is not installed")
    with mariadb.cluster() as url:
        yield url


@pytest.fixture
def redis_url(valkey: str) -> Iterator[str]:
    """An empty Valkey."""
    client = Redis.from_url(valkey)
    client.flushall()
    client.close()
    yield valkey


@pytest.fixture(scope="session")
def database_url(pytestconfig: pytest.Config) -> Iterator[str]:
    """The database of this test process: "" for SQLite in its data directory."""
    with SERVERS[pytestconfig.getoption("--database")]() as url:
        yield url


@pytest.fixture(scope="session")
def _app(
    valkey: str, database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    config = Config(
        DATA_DIR=tmp_path_factory.mktemp("instance"),
        DATABASE_URL=database_url,
        SECRET_KEY="for tests only",
        REDIS_URL=valkey,
        TESTING=True,
        DEV=True,
        LOG_LEVEL="WARNING",
    )
    app = create_app(config)
    app.test_client_class = factories.Client
    with app.app_context():
        if database_url:
            upgrade()  # what a server compares, and how, is up to the migrations
        else:
            _db.create_all()
            stamp(revision="head")  # as if the migrations had made them
    yield app
    with app.app_context():
        _db.engine.dispose()


@pytest.fixture
def app(_app: Flask, redis_url: str) -> Iterator[Flask]:
    """The application with an empty database; its context is pushed."""
    with _app.app_context():
        _empty()
        yield _app
        _db.session.rollback()
        _db.session.remove()


def _empty() -> None:
    tables = reversed(_db.metadata.sorted_tables)
    with _db.engine.begin() as connection:
        if connection.dialect.name == "mysql":  # it checks each row at once
            connection.exec_driver_sql("UPDATE task_template SET build_template_id = NULL")
        emptied = [t for t in tables if connection.execute(t.delete()).rowcount]
        number_anew(connection, emptied)
    _db.session.add_all([Lock(name="dispatch"), Lock(name="roles")])
    _db.session.commit()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Somebody who is not signed in."""
    return app.test_client()


@pytest.fixture
def cast(app: Flask) -> dict[str, User]:
    """Everybody of the cast, by name."""
    return factories.cast()


@pytest.fixture
def project(cast: dict[str, User]) -> Project:
    """Alice's project."""
    return factories.project_of(cast)


@pytest.fixture
def browser(app: Flask, project: Project) -> Callable[[str], FlaskClient]:
    """A client with the cookie and the CSRF token of one of the cast: browser("bob")."""
    return factories.browser_of(app)


@pytest.fixture
def api(app: Flask, project: Project) -> Callable[[str], FlaskClient]:
    """A client with a bearer token of one of the cast: api("bob")."""
    return factories.api_of(app)


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A git repository with a script hello.sh, on branch main."""
    return factories.git_repository(tmp_path / "repo")


@pytest.fixture
def setting(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Change settings for one test: setting(WEB_HOST="http://localhost")."""

    def change(**values: Any) -> None:
        monkeypatch.setitem(app.config, "HELIOGRAPH", replace(app.config["HELIOGRAPH"], **values))

    return change


@pytest.fixture
def count_queries(app: Flask) -> Callable[[], AbstractContextManager[list[str]]]:
    """The SQL that a block sends: `with count_queries() as sent: …`."""

    @contextmanager
    def recording() -> Iterator[list[str]]:
        sent: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if statement.split()[0] != "BEGIN":
                sent.append(statement)

        event.listen(_db.engine, "before_cursor_execute", note)
        yield sent
        event.remove(_db.engine, "before_cursor_execute", note)

    return recording


@pytest.fixture
def port() -> Callable[[], int]:
    """Free TCP ports of this test process."""
    return factories.free_port


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database", choices=SERVERS, default="sqlite", help="where the tests' application keeps"
        " its data; each test process starts a server of its own",
    )  # fmt: skip


def pytest_configure(config: pytest.Config) -> None:
    """A tool that the tests cannot do without is missed at once, by name."""
    for tool in ("git", "bash"):
        if shutil.which(tool) is None:
            pytest.exit(f"{tool} is needed to run the tests", 3)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for each test process: Playwright cannot be started twice in one."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()
