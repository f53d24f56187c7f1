import pytest
from flask import Flask

from app.extensions import settings
from app.lib.keyring import KeyringError
from app.models import Project
from app.services import secrets
from tests import factories


def test_a_sealed_secret_opens_again(project: Project) -> None:
    key = factories.access_key(project)
    secrets.seal(key, "s3cret")
    assert "s3cret" not in key.secret
    assert secrets.open(key) == "s3cret"


def test_a_row_without_a_secret_opens_empty(project: Project) -> None:
    assert secrets.open(factories.access_key(project)) == ""


def test_a_secret_cannot_be_moved_to_another_row(project: Project) -> None:
    mine, other = factories.access_key(project), factories.access_key(project)
    secrets.seal(mine, "s3cret")
    other.secret = mine.secret
    with pytest.raises(KeyringError, match="belongs elsewhere"):
        secrets.open(other)


def test_the_keys_are_those_of_the_start(app: Flask) -> None:
    file = settings().DATA_DIR / "keyring.json"
    text = file.read_text()
    file.write_text("lost")
    try:
        assert secrets.decrypt(secrets.encrypt("answer", "task:7"), "task:7") == "answer"
    finally:
        file.write_text(text)


def test_other_rows_bind_theirs_by_a_context(app: Flask) -> None:
    sealed = secrets.encrypt("answer", "task:7")
    assert secrets.decrypt(sealed, "task:7") == "answer"
    with pytest.raises(KeyringError):
        secrets.decrypt(sealed, "task:8")
