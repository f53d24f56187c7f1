"""Secrets as the original stores them: base64 of nonce, ciphertext and tag, bound to no row.

Without a key it has stored base64 of the text itself; very old SSH keys stand there as they are.
"""

import base64
import json
from collections.abc import Iterable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE, TAG = 12, 16
SIZES = (16, 24, 32)  # bytes of a key
FIELDS = {"ssh": "private_key", "login_password": "password"}


def read(stored: str, kind: str, keys: Iterable[bytes]) -> str | None:
    """Return the secret in our form, or None if it is not certain what it is.

    `kind` is the type of the access key, or "" for a JSON object. A key fits or does not: the tag
    tells. What no key fits is taken for text only if it has the shape of its kind, so that a
    ciphertext whose key is missing is never taken for a secret.
    """
    if kind == "ssh" and stored.endswith("\n"):
        return json.dumps({"login": "", "passphrase": "", "private_key": stored})
    try:
        raw = base64.b64decode(stored, validate=True)
    except ValueError:
        return None
    for key in keys:
        clear = _decrypted(raw, key)
        if clear is not None:
            return clear
    return _plain(raw, kind)


def _decrypted(raw: bytes, key: bytes) -> str | None:
    if len(raw) < NONCE + TAG:
        return None
    try:
        return AESGCM(key).decrypt(raw[:NONCE], raw[NONCE:], None).decode()
    except (InvalidTag, ValueError):
        return None


def _plain(raw: bytes, kind: str) -> str | None:
    """28 random bytes are printable text once in a hundred billion times."""
    try:
        text = raw.decode()
        if kind == "string":
            return text if text and all(c.isprintable() or c in "\r\n\t" for c in text) else None
        value = json.loads(text)
    except ValueError:
        return None
    return text if isinstance(value, dict) and FIELDS.get(kind, "") in ("", *value) else None
