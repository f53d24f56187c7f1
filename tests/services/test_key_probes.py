"""The test of a key: which one it is, or what is wrong with it; its secret goes nowhere."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from app.db import db, transaction
from app.models import AccessKey
from app.services import probes, probing, secrets
from tests import factories
from tests.answers import ask, waiting


def private_key(tmp_path: Path, passphrase: str = "") -> tuple[str, str]:
    """A new key and its fingerprint, made by ssh-keygen."""
    file = tmp_path / "key"
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-a", "1", "-N", passphrase, "-f", file], check=True
    )
    told = subprocess.run(["ssh-keygen", "-lf", file], check=True, capture_output=True, text=True)
    return file.read_text(), told.stdout.split()[1]


def stored(project, kind: str, **part: str) -> AccessKey:
    """A key as it may have been imported: nobody has looked at it yet."""
    key = factories.access_key(project, "Deploy", type=kind)
    with transaction():
        secrets.seal(key, json.dumps(part))
    return key


def looked_at(key: AccessKey) -> probes.State:
    ask("key", key)
    job = waiting()[-1]
    probing.look(job.id, *job.args)
    return probes.state_of("key", key)


def row(key: AccessKey) -> Any:
    return db.session.get(AccessKey, key.id, populate_existing=True)


def test_a_private_key_has_kind_and_fingerprint(project, tmp_path) -> None:
    text, fingerprint = private_key(tmp_path, "sesame open")
    key = stored(project, "ssh", private_key=text, passphrase="sesame open")
    state = looked_at(key)
    assert (state.answer["kind"], state.answer["fingerprint"]) == ("ED25519", fingerprint)
    assert (row(key).key_kind, row(key).fingerprint) == ("ED25519", fingerprint)


@pytest.mark.parametrize("passphrase", ["", "wrong one"])
def test_a_wrong_passphrase_is_said(project, tmp_path, passphrase) -> None:
    text, _ = private_key(tmp_path, "sesame open")
    state = looked_at(stored(project, "ssh", private_key=text, passphrase=passphrase))
    assert (state.reason, state.temporary) == ('The passphrase of key "Deploy" is wrong', False)


def test_what_is_no_key_is_said_and_not_repeated(project) -> None:
    state = looked_at(stored(project, "ssh", private_key="no key at all"))
    assert state.reason == 'Key "Deploy" is not a private key that can be read'


def test_a_password_can_be_decrypted_and_that_is_all(project) -> None:
    state = looked_at(stored(project, "login_password", login="me", password="s3cret"))
    assert state.answer == {"kind": "", "fingerprint": "", "public": ""}


def test_what_was_found_is_not_kept_for_a_changed_key(project, tmp_path) -> None:
    key = stored(project, "ssh", private_key=private_key(tmp_path)[0])
    ask("key", key)
    job = waiting()[-1]
    row(key).lock_version += 1
    db.session.commit()
    probing.look(job.id, *job.args)
    assert row(key).fingerprint is None


def test_no_secret_reaches_redis(project, tmp_path) -> None:
    text, _ = private_key(tmp_path)
    looked_at(stored(project, "ssh", private_key=text))
    client = probes.redis.client
    told = b"".join(client.dump(name) for name in client.keys("*"))
    assert text.splitlines()[2].encode() not in told
