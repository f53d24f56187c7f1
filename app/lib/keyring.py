"""Encrypt secrets with AES-256-GCM under a key that can be replaced while programs run.

Text form: `v1.<key id>.<base64url(nonce || ciphertext || tag)>`. The key id is the first 8 bytes
of SHA-256 of the key, base64url. Associated data binds a secret to its place ("access_key:12"), so
that a row cannot be given another row's secret.
"""

import base64
import logging
import os
from pathlib import Path
from typing import Self

from app.lib import keyring_file
from app.lib.keyring_file import KeyringError, key_id
from app.lib.late import late_module

__all__ = ["VERSION", "Keyring", "KeyringError", "key_id", "key_id_of"]

VERSION, NONCE = "v1", 12

# Who only sees to it that there are keys encrypts nothing.
exceptions = late_module("cryptography.exceptions")
ciphers = late_module("cryptography.hazmat.primitives.ciphers.aead")

Stamp = tuple[int, int, int]

logger = logging.getLogger(__name__)


class Keyring:
    """One active key, which encrypts, and retired ones, which only decrypt."""

    def __init__(self, keys: list[bytes], given: int = 0, path: Path | None = None) -> None:
        """`keys`: the active one first; of them the first `given` ones are not from the file."""
        self.path, self._given, self._keys = path, keys[:given], keys
        self._stamp: Stamp | None = None  # of the file when it was read; it may change meanwhile

    @classmethod
    def open(cls, path: Path, given: str = "") -> Self:
        """Read the file, made with mode 0600 if it is not there; a `given` key is the active one.

        `given` is base64 of 32 bytes, as the original's access_key_encryption; further ones may
        follow after commas.
        """
        texts = given.split(",") if given else []
        extra = [keyring_file.decode(t, "SEMAPHORE_ACCESS_KEY_ENCRYPTION") for t in texts]
        stored = [] if extra and not path.exists() else keyring_file.read(path)
        return cls(extra + stored, len(extra), path)

    @property
    def keys(self) -> list[bytes]:
        """All keys, the active one first, as the file has them now."""
        self._look_again()
        return self._keys

    @property
    def active(self) -> str:
        """The id of the key that encrypts now."""
        return key_id(self.keys[0])

    def is_given(self, kid: str) -> bool:
        """Whether a key comes from the settings, and cannot be taken away here."""
        return kid in map(key_id, self._given)

    def encrypt(self, text: str, context: str) -> str:
        """Return the text form of a secret that belongs to `context`."""
        nonce, key = os.urandom(NONCE), self.keys[0]
        sealed = ciphers.AESGCM(key).encrypt(nonce, text.encode(), context.encode())
        return f"{VERSION}.{key_id(key)}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def decrypt(self, sealed: str, context: str) -> str:
        """Return the secret. Raises KeyringError if its key is missing or it was tampered with."""
        kid = key_id_of(sealed)
        if kid is None:
            raise KeyringError("This secret is not in our form: flask vault rekey converts it")
        key = self._key(kid)
        try:
            raw = base64.urlsafe_b64decode(sealed.rpartition(".")[2])
            return ciphers.AESGCM(key).decrypt(raw[:NONCE], raw[NONCE:], context.encode()).decode()
        except (exceptions.InvalidTag, ValueError) as error:
            raise KeyringError("This secret was changed or belongs elsewhere") from error

    def _key(self, kid: str) -> bytes:
        """The file is read again for a key that another process has added."""
        for keys in (self._keys, self.keys):
            for key in keys:
                if key_id(key) == kid:
                    return key
        raise KeyringError(f"The encryption key {kid} is not in the keyring")

    def _look_again(self) -> None:
        """Follow a file that was replaced; one that vanished or broke changes nothing for us."""
        stamp = _stamp(self.path)
        if stamp == self._stamp or self.path is None or stamp is None:
            return
        try:
            self._keys = self._given + keyring_file.read(self.path)
        except (KeyringError, OSError) as error:
            reason = {"reason": str(error)}
            logger.error("the keyring cannot be read; the keys of before go on", extra=reason)
        self._stamp = stamp


def key_id_of(sealed: str) -> str | None:
    """The id of the key that a secret was encrypted with; None if it is not of our form."""
    parts = sealed.split(".")
    return parts[1] if len(parts) == 3 and parts[0] == VERSION else None


def _stamp(path: Path | None) -> Stamp | None:
    try:
        found = path.stat() if path else None
    except OSError:
        return None
    return (found.st_ino, found.st_mtime_ns, found.st_size) if found else None
