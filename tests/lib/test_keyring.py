"""Keys can be added and taken away while programs hold the keyring."""

import base64
import stat
import threading
from pathlib import Path

import pytest

from app.lib import keyring_file
from app.lib.keyring import Keyring, KeyringError, key_id, key_id_of

OLD, NEW = (base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keyring.json"


def test_the_id_of_a_key_is_that_of_the_original() -> None:
    assert key_id(bytes(32)) == "Zmh6rfhivXc"


def test_the_file_is_ours_alone(path: Path) -> None:
    Keyring.open(path)
    keyring_file.add(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in path.parent.iterdir() if p.name.startswith(".new-")] == []


def test_a_new_key_is_used_by_who_runs_already(path: Path) -> None:
    running, sealed = Keyring.open(path), ""
    sealed = running.encrypt("s3cret", "key:1")
    added = keyring_file.add(path)
    assert key_id_of(running.encrypt("s3cret", "key:1")) == added
    assert running.decrypt(sealed, "key:1") == "s3cret"


def test_what_another_program_has_encrypted_with_a_new_key_is_read(path: Path) -> None:
    running = Keyring.open(path)
    assert running.active
    keyring_file.add(path)
    assert running.decrypt(Keyring.open(path).encrypt("s3cret", "key:1"), "key:1") == "s3cret"


def test_a_key_that_was_removed_is_missed_by_name(path: Path) -> None:
    running = Keyring.open(path)
    old, sealed = running.active, running.encrypt("s3cret", "key:1")
    keyring_file.add(path)
    keyring_file.remove(path, old)
    assert running.active != old
    with pytest.raises(KeyringError, match=f"The encryption key {old} is not in the keyring"):
        running.decrypt(sealed, "key:1")


@pytest.mark.parametrize("text", ["", "lost", "[]", "{}", '{"keys": []}', '{"keys": ["eA=="]}'])
def test_a_file_that_breaks_changes_nothing_for_who_runs(path: Path, text: str) -> None:
    running = Keyring.open(path)
    active = running.active
    path.write_text(text)
    assert running.active == active
    with pytest.raises(KeyringError, match=r"keyring\.json"):
        Keyring.open(path)


def test_a_file_that_vanishes_changes_nothing_for_who_runs(path: Path) -> None:
    running = Keyring.open(path)
    active = running.active
    path.unlink()
    assert running.active == active


def test_given_keys_come_first_and_make_no_file(path: Path) -> None:
    sealed = Keyring.open(path, OLD).encrypt("s3cret", "key:1")
    both = Keyring.open(path, f"{NEW},{OLD}")
    assert not path.exists()
    assert both.active == key_id(bytes([2]) * 32)
    assert both.decrypt(sealed, "key:1") == "s3cret"


def test_the_keys_of_the_file_still_decrypt_beside_a_given_one(path: Path) -> None:
    sealed = Keyring.open(path).encrypt("s3cret", "key:1")
    assert Keyring.open(path, NEW).decrypt(sealed, "key:1") == "s3cret"


def test_two_who_add_a_key_at_once_lose_none(path: Path) -> None:
    Keyring.open(path)
    threads = [threading.Thread(target=keyring_file.add, args=[path]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keyring_file.read(path)) == 9


def test_the_last_key_of_the_file_takes_the_file_with_it(path: Path) -> None:
    keyring_file.remove(path, Keyring.open(path).active)
    assert not path.exists()
