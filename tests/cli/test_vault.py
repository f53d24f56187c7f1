"""flask vault …: keys are replaced while the server runs, and nothing gets lost on the way."""

import base64
import json
import os
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import Flask
from sqlalchemy import event, select, update

from app.boot import open_keyring
from app.db import db
from app.extensions import keyring, settings
from app.lib import keyring_file
from app.lib.keyring import Keyring, key_id, key_id_of
from app.models import AccessKey, Project, Task
from app.services import secrets
from tests import factories

ORIGINAL = bytes(range(32))
OLD_KEY = base64.b64encode(ORIGINAL).decode()


@pytest.fixture
def flask(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run `flask vault …` on a data directory of its own: flask("rekey", input="…")."""
    config = replace(settings(), DATA_DIR=tmp_path)
    monkeypatch.setitem(app.config, "HELIOGRAPH", config)
    monkeypatch.setitem(app.extensions, "keyring", open_keyring(config))

    def run(*arguments: str, input: str | None = None) -> Result:
        return app.test_cli_runner().invoke(args=["vault", *arguments], input=input)

    return run


@pytest.fixture
def rows(flask: Callable[..., Result], project: Project) -> list[AccessKey]:
    """Keys with secrets, more than one batch has."""
    keys = [AccessKey(project_id=project.id, name=f"{n}", type="string") for n in range(130)]
    db.session.add_all(keys)
    db.session.flush()
    for key in keys:
        secrets.seal(key, f"secret of {key.name}")
    db.session.commit()
    return keys


@pytest.fixture
def task(flask: Callable[..., Result], project: Project) -> Task:
    """One that waits with a secret answer."""
    waiting = factories.task(factories.template(project))
    waiting.secret = secrets.encrypt('{"pin": "1234"}', f"task:{waiting.id}")
    factories.save()
    return waiting


def key_ids() -> set[str | None]:
    db.session.rollback()
    db.session.expire_all()
    found = [
        *db.session.scalars(select(AccessKey.secret)),
        *db.session.scalars(select(Task.secret)),
    ]
    return {key_id_of(secret) for secret in found if secret}


def store(key: AccessKey, text: str) -> None:
    db.session.execute(update(AccessKey).where(AccessKey.id == key.id).values(secret=text))
    db.session.commit()


def of_the_original(text: str, key: bytes = ORIGINAL) -> str:
    nonce = os.urandom(12)
    return base64.b64encode(nonce + AESGCM(key).encrypt(nonce, text.encode(), None)).decode()


def opened(key: AccessKey) -> str:
    db.session.refresh(key)
    return secrets.open(key)


def test_a_key_is_replaced_in_four_steps(flask, rows: list[AccessKey], task: Task) -> None:
    old = keyring().active
    new = flask("rotate").output.split()[0]
    assert keyring().active == new != old
    assert f"{old}      131  retired, rekey pending" in flask("check").output
    done = flask("rekey")
    assert (done.exit_code, done.output) == (
        0,
        "131 secrets were encrypted with the active key; 0 had been\n",
    )
    assert key_ids() == {new}
    assert f"{old}        0  retired, SAFE TO REMOVE" in flask("check").output
    assert flask("remove", old).output == f"{old} was removed\n"
    assert flask("check").output.splitlines()[1:] == [f"{new}      131  active"]
    assert opened(rows[129]) == "secret of 129"
    db.session.refresh(task)
    assert secrets.decrypt(task.secret or "", f"task:{task.id}") == '{"pin": "1234"}'


def test_to_rekey_again_changes_nothing(flask, rows: list[AccessKey]) -> None:
    before = [key.secret for key in rows]
    assert flask("rekey").output == "0 secrets were encrypted with the active key; 130 had been\n"
    db.session.expire_all()
    assert [key.secret for key in rows] == before


def test_one_that_was_interrupted_goes_on(flask, rows: list[AccessKey], monkeypatch) -> None:
    flask("rotate")
    encrypt, left = Keyring.encrypt, iter(range(110))

    def dies(*args: str) -> str:
        if next(left, None) is None:
            raise KeyboardInterrupt
        return encrypt(*args)

    with monkeypatch.context() as patch:
        patch.setattr(Keyring, "encrypt", dies)
        assert flask("rekey").exit_code == 1
    assert len(key_ids()) == 2
    assert flask("rekey").output == "30 secrets were encrypted with the active key; 100 had been\n"
    assert opened(rows[129]) == "secret of 129"


def test_what_changes_meanwhile_stays_as_it_is(flask, rows: list[AccessKey]) -> None:
    """Other databases than SQLite let others write between our look and our change."""
    flask("rotate")
    newer = secrets.encrypt("newer", f"access_key:{rows[0].id}")

    table, intruders = AccessKey.__table__, iter(["one"])
    theirs = update(table).where(table.c.id == rows[0].id).values(secret=newer)

    def intrude(connection, _cursor, statement: str, *_: object) -> None:
        if statement.startswith("UPDATE access_key") and next(intruders, None):
            connection.execute(theirs)

    event.listen(db.engine, "before_cursor_execute", intrude)
    try:
        assert "1 were changed by others meanwhile" in flask("rekey").output
    finally:
        event.remove(db.engine, "before_cursor_execute", intrude)
    assert opened(rows[0]) == "newer"


def test_the_active_key_can_come_from_the_settings(flask, rows, app, monkeypatch) -> None:
    stored = keyring().active
    config = replace(settings(), ACCESS_KEY_ENCRYPTION=OLD_KEY)
    monkeypatch.setitem(app.config, "HELIOGRAPH", config)
    monkeypatch.setitem(app.extensions, "keyring", open_keyring(config))
    assert flask("rekey").exit_code == 0
    assert key_ids() == {key_id(ORIGINAL)}
    assert flask("rotate").output.startswith("Error: SEMAPHORE_ACCESS_KEY_ENCRYPTION gives the act")
    assert flask("remove", key_id(ORIGINAL)).exit_code == 1
    assert flask("remove", stored).exit_code == 0
    assert not (settings().DATA_DIR / "keyring.json").exists()


def test_secrets_of_the_original_are_converted(flask, rows: list[AccessKey]) -> None:
    store(rows[0], of_the_original("encrypted"))
    store(rows[1], base64.b64encode(b"not encrypted").decode())
    assert "-                  1  legacy (no id)" in flask("check").output
    assert "-                  1  MISSING KEY (cannot decrypt)" in flask("check").output
    done = flask("rekey", "--old-key", "-", input=OLD_KEY + "\n")
    assert "2 secrets were encrypted" in done.output
    assert [opened(rows[0]), opened(rows[1])] == ["encrypted", "not encrypted"]


def test_our_own_lost_key_can_be_given(flask, rows: list[AccessKey]) -> None:
    store(rows[0], Keyring([ORIGINAL]).encrypt("s3cret", f"access_key:{rows[0].id}"))
    assert flask("rekey", "--old-key", OLD_KEY).exit_code == 0
    assert opened(rows[0]) == "s3cret"


def test_a_missing_key_is_named_and_hinders_nobody(flask, rows: list[AccessKey]) -> None:
    store(rows[0], Keyring([ORIGINAL]).encrypt("s3cret", f"access_key:{rows[0].id}"))
    flask("rotate")
    done = flask("rekey")
    missing = f"access_key:{rows[0].id}: The encryption key {key_id(ORIGINAL)} is not in the keyr"
    assert done.exit_code == 1
    assert "129 secrets were encrypted" in done.output
    assert missing in done.output
    checked = flask("check")
    assert checked.exit_code == 1
    assert f"{key_id(ORIGINAL)}        1  MISSING KEY (cannot decrypt)" in checked.output


def test_a_damaged_secret_is_named(flask, rows: list[AccessKey]) -> None:
    store(rows[0], rows[1].secret or "")
    checked = flask("check")
    assert checked.exit_code == 1
    assert f"access_key:{rows[0].id}: This secret was changed or belongs els" in checked.output


def test_a_rekey_can_be_taken_back(flask, rows: list[AccessKey], tmp_path: Path) -> None:
    file = tmp_path / "kept"
    before = [key.secret for key in rows]
    flask("rotate")
    assert flask("rekey", "--backup", str(file)).exit_code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    first = json.loads(file.read_text().splitlines()[0])
    assert {"project_id", "key_id", "secret"} <= first.keys()
    store(rows[0], secrets.encrypt("newer", f"access_key:{rows[0].id}"))
    done = flask("rekey", "--rollback", str(file))
    assert done.output == "129 secrets were put back; 1 had changed since and were left\n"
    db.session.expire_all()
    assert [key.secret for key in rows[1:]] == before[1:]
    assert opened(rows[0]) == "newer"


@pytest.mark.parametrize("line", ["{}", "x", '{"project_id": 1}', "[1]", "\xff"])
def test_what_is_no_such_backup_is_refused(flask, rows, tmp_path: Path, line: str) -> None:
    file = tmp_path / "kept"
    file.write_bytes(line.encode("latin-1"))
    done = flask("rekey", "--rollback", str(file))
    assert done.exit_code == 1
    assert done.output.startswith("Error: ")


def test_a_backup_overwrites_nothing(flask, rows, tmp_path: Path) -> None:
    file = tmp_path / "kept"
    file.write_text("precious")
    assert flask("rekey", "--backup", str(file)).exit_code == 1
    assert file.read_text() == "precious"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["remove", "nobodys"], "There is no key nobodys in the keyring"),
        (["remove", "-bodys"], "There is no key -bodys in the keyring"),
        (["rekey", "--old-key", "x"], "--old-key: a key is not base64"),
        (["rekey", "--old-key", "eHg="], "--old-key: a key must have 16 or 24 or 32 bytes"),
        (["rekey", "--rollback", "a", "--backup", "b"], "--rollback goes with no other option"),
    ],
)
def test_a_refusal_is_one_line(flask, arguments: list[str], line: str) -> None:
    done = flask(*arguments)
    assert done.exit_code == 1
    assert done.output.startswith(f"Error: {line}")


def test_a_key_that_is_needed_stays(flask, rows: list[AccessKey]) -> None:
    old = keyring().active
    assert flask("remove", old).output == f"Error: {old} is the active key\n"
    flask("rotate")
    done = flask("remove", old)
    assert done.output == f"Error: 130 secrets need {old}: run flask vault rekey first\n"
    assert len(keyring_file.read(settings().DATA_DIR / "keyring.json")) == 2


def test_every_table_with_a_secret_is_walked() -> None:
    found = {table for table in db.metadata.tables.values() if "secret" in table.c}
    assert found == set(secrets.TABLES)
