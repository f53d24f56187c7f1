"""The keys that secrets are encrypted with: which are in use, add one, take one away."""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from app.errors import Busy, NotFound
from app.extensions import keyring
from app.lib import keyring_file
from app.lib.keyring import KeyringError, key_id, key_id_of
from app.services import vault

NO_ID = "-"  # the original's format names no key


class KeyStatus(StrEnum):
    ACTIVE = "active"
    PENDING = "retired, rekey pending"
    REMOVABLE = "retired, SAFE TO REMOVE"
    LEGACY = "legacy (no id)"
    MISSING = "MISSING KEY (cannot decrypt)"


@dataclass(frozen=True)
class KeyUse:
    """A key, how many secrets need it, and what that means for it."""

    key_id: str
    rows: int
    status: KeyStatus


@dataclass(frozen=True)
class Report:
    uses: list[KeyUse]
    damaged: dict[str, str]  # place of a secret whose key is there, and why it does not open

    @property
    def is_whole(self) -> bool:
        """Whether every secret can be read."""
        return not self.damaged and all(use.status != KeyStatus.MISSING for use in self.uses)


def check() -> Report:
    """Open every secret and count them by key."""
    known = list(map(key_id, keyring().keys))
    rows = Counter({(kid, _status(kid, known, "")): 0 for kid in known})
    damaged: dict[str, str] = {}

    def count(batch: list[vault.Sealed]) -> None:
        for row in batch:
            kid, error = key_id_of(row.text), _why_shut(row)
            rows[kid or NO_ID, _status(kid, known, error)] += 1
            if error and kid in known:
                damaged[row.context] = error

    vault.walk(count, write=False)
    ordered = sorted(rows, key=lambda use: (use[0] not in known, use[0] != known[0], *use))
    return Report([_use(kid, status, rows[kid, status]) for kid, status in ordered], damaged)


def rotate() -> str:
    """Make a new active key; running processes use it from their next secret on. Returns its id.

    Raises Busy where the settings give the active key.
    """
    if keyring().is_given(keyring().active):
        raise Busy(
            "SEMAPHORE_ACCESS_KEY_ENCRYPTION gives the active key: put a new one in front of it "
            "there, with a comma between them"
        )
    return keyring_file.add(_path())


def remove(kid: str) -> None:
    """Take a key out of the keyring; call it in a transaction.

    Raises NotFound, or Busy while it is needed.
    """
    known = list(map(key_id, keyring().keys))
    if kid not in known:
        raise NotFound(f"There is no key {kid} in the keyring")
    if kid == known[0]:
        raise Busy(f"{kid} is the active key")
    if keyring().is_given(kid):
        raise Busy(f"{kid} comes from SEMAPHORE_ACCESS_KEY_ENCRYPTION: take it out there")
    needed = sum(use.rows for use in check().uses if use.key_id == kid)
    if needed:
        raise Busy(f"{needed} secrets need {kid}: run flask vault rekey first")
    keyring_file.remove(_path(), kid)


def _use(kid: str, status: KeyStatus, rows: int) -> KeyUse:
    free = status == KeyStatus.PENDING and not rows
    return KeyUse(kid, rows, KeyStatus.REMOVABLE if free else status)


def _path() -> Path:
    path = keyring().path
    assert path  # the application's is always one of a file
    return path


def _why_shut(row: vault.Sealed) -> str:
    try:
        row.opened()
    except KeyringError as error:
        return str(error)
    return ""


def _status(kid: str | None, known: list[str], error: str) -> KeyStatus:
    if kid is None:
        return KeyStatus.MISSING if error else KeyStatus.LEGACY
    if kid not in known:
        return KeyStatus.MISSING
    return KeyStatus.ACTIVE if kid == known[0] else KeyStatus.PENDING
