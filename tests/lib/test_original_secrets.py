"""Secrets of the original are recognised with certainty or not at all."""

import base64
import json
import os

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.lib import original_secrets

KEY, OTHER = bytes(range(32)), bytes(32)
SSH = '{"login":"","passphrase":"","private_key":"PEM"}'
LOGIN = '{"login":"dba","password":"s3cret"}'


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def encrypted(text: str, key: bytes = KEY) -> str:
    nonce = os.urandom(12)
    return b64(nonce + AESGCM(key).encrypt(nonce, text.encode(), None))


@pytest.mark.parametrize("size", [16, 24, 32])
def test_it_is_decrypted_with_the_key_that_fits(size: int) -> None:
    key = bytes(range(size))
    assert original_secrets.read(encrypted(LOGIN, key), "login_password", [OTHER, key]) == LOGIN


@pytest.mark.parametrize("kind", ["ssh", "login_password", "string", ""])
def test_without_its_key_it_is_never_taken_for_text(kind: str) -> None:
    for text in ("", "x", LOGIN, SSH):
        for _ in range(50):
            assert original_secrets.read(encrypted(text), kind, [OTHER]) is None


@pytest.mark.parametrize(
    ("kind", "text"),
    [("ssh", SSH), ("login_password", LOGIN), ("string", "tok-1 ä\n"), ("", '{"answer": "42"}')],
)
def test_text_without_encryption_is_read_by_its_shape(kind: str, text: str) -> None:
    assert original_secrets.read(b64(text.encode()), kind, [KEY]) == text


@pytest.mark.parametrize(
    ("kind", "text"), [("ssh", LOGIN), ("login_password", "[]"), ("", "text"), ("string", "a\0b")]
)
def test_text_of_another_shape_is_not(kind: str, text: str) -> None:
    assert original_secrets.read(b64(text.encode()), kind, [KEY]) is None


@pytest.mark.parametrize("stored", ["!", "v1.abc.def", "ä"])
def test_what_is_not_base64_is_not(stored: str) -> None:
    assert original_secrets.read(stored, "string", [KEY]) is None


def test_a_very_old_ssh_key_stands_there_as_it_is() -> None:
    read = original_secrets.read("-----BEGIN KEY-----\n", "ssh", [])
    assert json.loads(read or "")["private_key"] == "-----BEGIN KEY-----\n"
