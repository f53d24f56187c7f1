"""Encryption keys as text and on disk: `{"keys": ["<base64>", …]}`, the active one first."""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from app.lib.file_lock import locked
from app.lib.private_file import create_once, replace

SIZE = 32


class KeyringError(Exception):
    """The keyring or a secret cannot be read; the text says which key is missing."""


def key_id(key: bytes) -> str:
    """11 characters that name a key without telling anything of it."""
    return base64.urlsafe_b64encode(hashlib.sha256(key).digest()[:8]).decode().rstrip("=")


def encode(keys: Sequence[bytes]) -> dict[str, list[str]]:
    """The keys as they stand in the file."""
    return {"keys": [base64.b64encode(key).decode() for key in keys]}


def decode(text: str, where: str, sizes: Sequence[int] = (SIZE,)) -> bytes:
    """Return one key, given as base64. Raises KeyringError, which begins with `where`."""
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except ValueError as error:
        raise KeyringError(f"{where}: a key is not base64") from error
    if len(key) not in sizes:
        wanted = " or ".join(map(str, sizes))
        raise KeyringError(f"{where}: a key must have {wanted} bytes, this one has {len(key)}")
    return key


def decode_all(stored: object, where: str) -> list[bytes]:
    """Return the keys of what `encode` has made. Raises KeyringError."""
    keys = stored.get("keys") if isinstance(stored, dict) else None
    if not keys or not isinstance(keys, list):
        raise KeyringError(f"{where} is not a keyring")
    return [decode(str(key), where) for key in keys]


def read(path: Path) -> list[bytes]:
    """Return the keys of the file, which is made with a new one if it is not there."""
    return _parsed(create_once(path, json.dumps(encode([_new()]))), path)


def add(path: Path) -> str:
    """Make a new key the active one; the others stay. Returns its id."""
    new = _new()
    _change(path, lambda keys: [new, *keys])
    return key_id(new)


def remove(path: Path, kid: str) -> None:
    """Take a key out; a file that would be empty is deleted."""
    _change(path, lambda keys: [key for key in keys if key_id(key) != kid])


def _change(path: Path, change: Callable[[list[bytes]], list[bytes]]) -> None:
    """Two at a time would lose the key of one, and with it what was encrypted meanwhile."""
    with locked(path.with_name(f".{path.name}.lock"), lambda: time.sleep(0.05)):
        keys = change(read(path))
        if keys:
            replace(path, json.dumps(encode(keys)))
        else:
            path.unlink()


def _parsed(text: str, path: Path) -> list[bytes]:
    try:
        return decode_all(json.loads(text), str(path))
    except ValueError as error:
        raise KeyringError(f"{path} is not a keyring") from error


def _new() -> bytes:
    return secrets.token_bytes(SIZE)
