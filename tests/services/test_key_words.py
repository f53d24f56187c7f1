"""What is said of the keys that secrets are encrypted with."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import update

from app.db import db
from app.lib import keyring_file
from app.lib.keyring import Keyring, key_id
from app.models import AccessKey, Project
from app.services import key_words, secrets
from tests import factories


@pytest.fixture
def ring(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a keyring with one key."""
    path = tmp_path / "keyring.json"
    monkeypatch.setitem(app.extensions, "keyring", Keyring.open(path))
    return path


@pytest.fixture
def key(ring: Path, project: Project) -> AccessKey:
    made = factories.access_key(project, "Deploy", type="login_password")
    secrets.seal(made, "hush")
    db.session.commit()
    return made


def told() -> list[str]:
    return [f"{line.state}: {line.text}" for line in key_words.lines()]


def test_all_is_well(key: AccessKey) -> None:
    assert told() == ["ok: 1 secret, all of them can be read"]


def test_a_retired_key_in_use_and_then_in_none(key: AccessKey, ring: Path) -> None:
    old = key_id(keyring_file.read(ring)[0])
    keyring_file.add(ring)
    well = "ok: 1 secret, all of them can be read"
    assert told() == [
        f"note: the retired key {old} is needed for 1 secret: flask vault rekey",
        well,
    ]
    secrets.seal(key, "hush")
    db.session.commit()
    free = f"note: nothing needs the retired key {old}: flask vault remove {old}"
    assert told() == [free, well]


def test_a_key_that_is_missing(key: AccessKey, ring: Path) -> None:
    old = key_id(keyring_file.read(ring)[0])
    keyring_file.add(ring)
    keyring_file.remove(ring, old)
    assert told() == [f"bad: the key {old} of 1 secret is missing"]


def test_a_secret_that_was_moved_to_another_row(key: AccessKey, project: Project) -> None:
    other = factories.access_key(project, "Other", type="login_password")
    moved = update(AccessKey).where(AccessKey.id == other.id).values(secret=key.secret)
    db.session.execute(moved)
    db.session.commit()
    assert told() == ["bad: 1 secret cannot be read: flask vault check names them"]
