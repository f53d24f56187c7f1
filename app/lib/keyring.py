"""Encrypt secrets with AES-256-GCM under a key that can be replaced.

Text form: `v1.<key id>.<base64url(nonce || ciphertext || tag)>`. The key id is the first 8 bytes
of SHA-256 of the key, base64url. Associated data binds a secret to its place ("access_key:12"), so
that a row cannot be given another row's secret.
"""

import base64
import hashlib
import json
import os
import secrets
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.lib.private_file import create_once

VERSION, NONCE = "v1", 12


class KeyringError(Exception):
    """The keyring or a secret cannot be read; the text says which key is missing."""


class Keyring:
    """One active key, which encrypts, and retired ones, which only decrypt."""

    def __init__(self, keys: list[bytes]) -> None:
        """`keys`: 32 bytes each, the active one first."""
        self._keys = {key_id(key): key for key in keys}
        self.active = key_id(keys[0])

    @classmethod
    def open(cls, path: Path, given: str = "") -> Self:
        """Read the file, made with mode 0600 if it is not there; a `given` key is the active one.

        `given` is base64 of 32 bytes, as the original's access_key_encryption.
        """
        extra = [_decoded(given, "SEMAPHORE_ACCESS_KEY_ENCRYPTION")] if given else []
        if not path.exists() and given:
            return cls(extra)
        return cls(extra + _stored(path))

    def encrypt(self, text: str, context: str) -> str:
        """Return the text form of a secret that belongs to `context`."""
        nonce = os.urandom(NONCE)
        sealed = AESGCM(self._keys[self.active]).encrypt(nonce, text.encode(), context.encode())
        return f"{VERSION}.{self.active}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def decrypt(self, sealed: str, context: str) -> str:
        """Return the secret. Raises KeyringError if its key is missing or it was tampered with."""
        try:
            version, kid, body = sealed.split(".")
            raw = base64.urlsafe_b64decode(body)
        except ValueError as error:
            raise KeyringError("This secret has a form that is not known") from error
        key = self._keys.get(kid)
        if version != VERSION or key is None:
            raise KeyringError(f"The encryption key {kid} is not in the keyring")
        try:
            return AESGCM(key).decrypt(raw[:NONCE], raw[NONCE:], context.encode()).decode()
        except InvalidTag as error:
            raise KeyringError("This secret was changed or belongs elsewhere") from error


def key_id(key: bytes) -> str:
    """11 characters that name a key without telling anything of it."""
    return base64.urlsafe_b64encode(hashlib.sha256(key).digest()[:8]).decode().rstrip("=")


def _stored(path: Path) -> list[bytes]:
    new = {"keys": [base64.b64encode(secrets.token_bytes(32)).decode()]}
    try:
        stored = json.loads(create_once(path, json.dumps(new)))["keys"]
    except (ValueError, KeyError, TypeError) as error:
        raise KeyringError(f"{path} is not a keyring") from error
    return [_decoded(key, str(path)) for key in stored]


def _decoded(text: str, where: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise KeyringError(f"{where}: a key is not base64") from error
    if len(key) != 32:
        raise KeyringError(f"{where}: a key must have 32 bytes, this one has {len(key)}")
    return key
