"""A backup moves between databases and loses nothing; what is not whole is refused."""

import base64
import json
import shutil
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask_migrate import upgrade
from sqlalchemy import inspect, select, text

from app.clock import now_ms
from app.db import db, transaction
from app.errors import Busy, DomainError, Unavailable
from app.extensions import keyring
from app.lib import dump_file
from app.models import Task, TaskChunk, TaskTemplate, User, Worker
from app.services import instance_backups, instance_restores, revisions, vault_keys
from tests import factories
from tests.services.instances import everything, fill, running, secret

Instance = Callable[..., Any]


@pytest.fixture
def instance(valkey: str, tmp_path: Path) -> Instance:
    """An application with a data directory and a key of its own: `with instance("a", url): …`."""
    return lambda name, url="": running(tmp_path / name, valkey, url)


@pytest.fixture(scope="module")
def original(valkey: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of an instance on SQLite that is filled."""
    folder = tmp_path_factory.mktemp("original") / "made"
    with running(folder, valkey, ""):
        fill()
        instance_backups.write(folder / "backup")
    return folder / "backup"


@pytest.fixture
def made(original: Path, tmp_path: Path) -> Path:
    """A copy of that backup, to be spoiled."""
    return Path(shutil.copy(original, tmp_path))


@pytest.mark.parametrize("database", ["postgresql", "mysql"])
def test_it_moves_to_another_database_and_back(
    instance: Instance, database: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = request.getfixturevalue(database)
    with instance("first"):
        fill()
        before = everything()
        instance_backups.write(tmp_path / "one")
    with instance("second", url):
        done = instance_restores.restore(tmp_path / "one")
        assert everything() == before
        assert secret() == "s3cret"
        assert done.rows["user"] == 251
        instance_backups.write(tmp_path / "two")
    with instance("third"):
        instance_restores.restore(tmp_path / "two")
        assert everything() == before
        assert secret() == "s3cret"


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_an_id_of_before_is_not_given_again(
    instance: Instance, made: Path, database: str, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue(database) if database != "sqlite" else ""
    with instance("other", url):
        instance_restores.restore(made)
        template = db.session.scalars(select(TaskTemplate).order_by(TaskTemplate.id)).first()
        assert factories.task(template).id == 4  # the third was deleted
        assert factories.user("new").id == 252


@pytest.mark.skipif(shutil.which("zstd") is None, reason="zstd is not installed")
def test_a_backup_is_private_and_can_be_read_with_other_tools(made: Path) -> None:
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    read = subprocess.run(["zstd", "-dc", made], capture_output=True, text=True, check=True)
    header, keys, *_, end = [json.loads(line) for line in read.stdout.splitlines()]
    assert header["format"] == "heliograph-backup-1"
    assert keys == {"keys": [base64.b64encode((b"made" * 32)[:32]).decode()]}
    assert end == {"end": True}


def test_a_backup_overwrites_nothing(instance: Instance, made: Path) -> None:
    before = made.read_bytes()
    with instance("made"), pytest.raises(Unavailable, match="cannot be written: File exists"):
        instance_backups.write(made)
    assert made.read_bytes() == before


def test_a_backup_that_fails_leaves_no_file(instance: Instance, tmp_path: Path) -> None:
    with instance("old"), pytest.raises(DomainError, match="run flask db upgrade first"):
        instance_backups.write(tmp_path / "backup")
    assert not (tmp_path / "backup").exists()


def test_output_can_be_left_out(instance: Instance, tmp_path: Path) -> None:
    with instance("first"):
        fill()
        rows = instance_backups.write(tmp_path / "small", output=False)
        assert rows["task_chunk"] == 0
    with instance("second"):
        instance_restores.restore(tmp_path / "small")
        assert db.session.scalars(select(TaskChunk)).all() == []
        assert all(task.log_deleted_at for task in db.session.scalars(select(Task)))


def test_data_is_replaced_only_by_force(instance: Instance, made: Path) -> None:
    with instance("other"):
        upgrade()
        factories.user("zoe")
        with pytest.raises(Busy, match=r"The database holds data \(user\): --force"):
            instance_restores.restore(made)
        assert db.session.scalars(select(User.username)).all() == ["zoe"]
        db.session.rollback()
        instance_restores.restore(made, force=True)
        instance_restores.restore(made, force=True)
        names = set(db.session.scalars(select(User.username)))
        assert len(names) == 251
        assert "zoe" not in names


def test_a_worker_that_runs_is_in_the_way(instance: Instance, made: Path) -> None:
    with instance("other"):
        upgrade()
        with transaction():
            db.session.add(Worker(id="w", host="box", slots=1, started=now_ms(), seen=now_ms()))
        with pytest.raises(Busy, match="A worker runs on box: stop the server first"):
            instance_restores.restore(made)


@pytest.mark.parametrize("cut", [0, 100, -1])
def test_a_file_that_is_not_whole_changes_nothing(instance: Instance, made: Path, cut: int) -> None:
    made.write_bytes(made.read_bytes()[:cut])
    with instance("other"):
        with pytest.raises(DomainError, match="ends too early"):
            instance_restores.restore(made, force=True)
        assert inspect(db.engine).get_table_names() == []


def test_what_the_database_refuses_leaves_all_as_it_was(
    instance: Instance, made: Path, tmp_path: Path
) -> None:
    header, keys, *rest = dump_file.lines(made)
    with dump_file.create(tmp_path / "twice") as append:
        for entry in (header, keys, *rest):
            append(entry)
            if isinstance(entry, list) and "anna" in entry:
                append(entry)
    with instance("other"):
        upgrade()
        factories.user("zoe")
        with pytest.raises(DomainError, match="user: the database refuses a row: UNIQUE"):
            instance_restores.restore(tmp_path / "twice", force=True)
        assert db.session.scalars(select(User.username)).all() == ["zoe"]


@pytest.fixture
def older(made: Path, tmp_path: Path) -> Path:
    """A backup of the first release, with a user only."""
    header, keys, *rest = dump_file.lines(made)
    file, keep = tmp_path / "older", False
    with dump_file.create(file) as append:
        append(header | {"revision": "0001"})
        append(keys)
        for entry in rest:
            if isinstance(entry, dict):
                keep = entry["table"] in ("user", "lock")
            if keep and entry != ["roles"]:  # a lock that came later
                append(entry)
    return file


@pytest.mark.parametrize("before", ["nothing", "0001", "newest"])
def test_an_older_backup_is_migrated(instance: Instance, older: Path, before: str) -> None:
    with instance("other"):
        if before != "nothing":
            upgrade(revision="head" if before == "newest" else before)
        instance_restores.restore(older)
        assert len(db.session.scalars(select(User)).all()) == 251
        current = db.session.execute(text("SELECT version_num FROM alembic_version")).scalar()
        assert current == revisions.known()[0]


def test_data_is_not_migrated_down_for_an_older_backup(instance: Instance, older: Path) -> None:
    with instance("other"):
        upgrade()
        factories.user("zoe")
        with pytest.raises(Busy, match="restore it into an empty database"):
            instance_restores.restore(older, force=True)


def test_a_newer_backup_is_refused(instance: Instance, made: Path, tmp_path: Path) -> None:
    header, *rest = dump_file.lines(made)
    with dump_file.create(tmp_path / "newer") as append:
        for entry in (header | {"revision": "9999", "release": "9.0"}, *rest):
            append(entry)
    with instance("other"), pytest.raises(DomainError, match=r"made by a newer release, 9\.0"):
        instance_restores.restore(tmp_path / "newer")


def test_a_lost_key_is_noticed(instance: Instance, made: Path, tmp_path: Path) -> None:
    header, _, *rest = dump_file.lines(made)
    with dump_file.create(tmp_path / "other keys") as append:
        for entry in (header, {"keys": [base64.b64encode(bytes(32)).decode()]}, *rest):
            append(entry)
    with instance("other"):
        done = instance_restores.restore(tmp_path / "other keys")
        assert "is not in the keyring" in done.secrets.unreadable["access_key:3"]
        assert not vault_keys.check().is_whole


def test_secrets_have_the_active_key_of_here(instance: Instance, made: Path) -> None:
    with instance("other"):
        done = instance_restores.restore(made)
        assert (done.secrets.moved, done.secrets.unreadable) == (1, {})
        (use,) = vault_keys.check().uses
        assert (use.key_id, use.rows, use.status) == (keyring().active, 1, "active")


def test_every_column_has_a_type_that_backups_know() -> None:
    columns = [c for table in db.metadata.sorted_tables for c in table.columns]
    assert {instance_backups.kind(c) for c in columns} == {"", "time", "bytes", "json"}
