"""Secrets in rows: encrypted under the keyring, each bound to the row it belongs to."""

from app.extensions import keyring
from app.models import AccessKey


def encrypt(text: str, context: str) -> str:
    """The text to store for a secret; it can be read only as the one of `context` ("task:7")."""
    return keyring().encrypt(text, context)


def decrypt(sealed: str, context: str) -> str:
    """The secret. Raises KeyringError if its key is missing or it belongs elsewhere."""
    return keyring().decrypt(sealed, context)


def seal(row: AccessKey, clear: str) -> None:
    """Store a key's secret. The row must have its id: insert, flush, then seal."""
    row.secret = encrypt(clear, _context(row))


def open(row: AccessKey) -> str:
    """A key's secret; empty if it has none. Raises KeyringError.

    Of type ssh: JSON of login, passphrase, private_key; of login_password: JSON of login,
    password; of string: the text itself.
    """
    return decrypt(row.secret, _context(row)) if row.secret else ""


def _context(row: AccessKey) -> str:
    return f"access_key:{row.id}"
