"""Secrets in rows: encrypted under the keyring, each bound to the row it belongs to."""

from sqlalchemy import Table

from app.extensions import keyring
from app.models import (
    AccessKey,
    Schedule,
    Task,
    TaskPlan,
    TaskPlanPiece,
    TaskToolOutputs,
    TerraformState,
)

# Every table with a column `secret`; whoever adds one enters it here, or its secrets get lost when
# a key is retired.
TABLES: tuple[Table, ...] = (
    AccessKey.__table__,
    Schedule.__table__,
    Task.__table__,
    TaskPlan.__table__,
    TaskPlanPiece.__table__,
    TaskToolOutputs.__table__,
    TerraformState.__table__,
)  # type: ignore[assignment]


def context(table: str, row_id: int) -> str:
    """The place that a secret is bound to: "task:7"."""
    return f"{table}:{row_id}"


def encrypt(text: str, context: str) -> str:
    """The text to store for a secret; it can be read only as the one of `context` ("task:7")."""
    return keyring().encrypt(text, context)


def decrypt(sealed: str, context: str) -> str:
    """The secret. Raises KeyringError if its key is missing or it belongs elsewhere."""
    return keyring().decrypt(sealed, context)


def seal(row: AccessKey, clear: str) -> None:
    """Store a key's secret. The row must have its id: insert, flush, then seal."""
    row.secret = encrypt(clear, context("access_key", row.id))


def open(row: AccessKey) -> str:
    """A key's secret; empty if it has none. Raises KeyringError.

    Of type ssh: JSON of login, passphrase, private_key; of login_password: JSON of login,
    password; of string: the text itself.
    """
    return decrypt(row.secret, context("access_key", row.id)) if row.secret else ""
