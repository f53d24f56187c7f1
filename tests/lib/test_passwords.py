"""Passwords become argon2id hashes, without stopping the other greenlets of the process."""

import subprocess
import sys

import pytest

from app.lib import passwords

COOPERATES = """
from gevent import monkey
monkey.patch_all()
import gevent
from app.lib import passwords

turns = []
def others():
    while True:
        turns.append(1)
        gevent.sleep(0)

gevent.spawn(others)
for _ in range(3):
    before = len(turns)
    stored = passwords.hash_password("word")
    assert len(turns) > before
    between = len(turns)
    assert passwords.verify(stored, "word")
    assert len(turns) > between
"""


def test_a_hash_is_argon2id_with_its_own_salt() -> None:
    first, second = passwords.hash_password("secret"), passwords.hash_password("secret")
    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert first != second


def test_only_the_same_password_is_right() -> None:
    stored = passwords.hash_password("pässwörd ☀")
    assert passwords.verify(stored, "pässwörd ☀")
    assert not passwords.verify(stored, "passwörd ☀")
    assert not passwords.verify(stored, "")


@pytest.mark.parametrize(
    "stored", ["", "plain", "$2b$12$abcdefghijklmnopqrstuv", "$argon2id$v=19$"]
)
def test_what_is_no_hash_of_ours_matches_nothing(stored: str) -> None:
    assert not passwords.verify(stored, "plain")


def test_1024_bytes_are_the_limit() -> None:
    longest = "é" * 512
    assert passwords.verify(passwords.hash_password(longest), longest)
    with pytest.raises(passwords.PasswordTooLong, match="at most 1024 bytes"):
        passwords.hash_password(longest + "e")
    assert not passwords.verify(passwords.NOBODY, "x" * 2000)


def test_half_a_surrogate_pair_can_be_hashed() -> None:
    assert passwords.verify(passwords.hash_password("a\ud800"), "a\ud800")


def test_older_parameters_are_noticed() -> None:
    assert not passwords.needs_rehash(passwords.hash_password("secret"))
    assert passwords.needs_rehash("$argon2id$v=19$m=4096,t=1,p=1$c29tZXNhbHQ$aGFzaGhhc2hoYXNo")
    assert passwords.needs_rehash("")


def test_an_unknown_user_costs_as_much_as_a_known_one() -> None:
    assert not passwords.needs_rehash(passwords.NOBODY)
    assert not passwords.verify(passwords.NOBODY, "anything")


def test_others_go_on_while_a_greenlet_hashes() -> None:
    subprocess.run([sys.executable, "-c", COOPERATES], check=True, timeout=60)
