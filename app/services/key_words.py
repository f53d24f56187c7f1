"""What a check of the keyring has found, in words for `flask doctor` and the page of the system."""

from collections.abc import Iterator

from app.services import vault_keys
from app.services.protection import Line
from app.services.vault_keys import KeyStatus, KeyUse

LABEL = "keyring"


def lines() -> Iterator[Line]:
    """Open every secret; faults first. Who asks often should not: each one is decrypted."""
    report = vault_keys.check()
    if report.damaged:
        number = _secrets(len(report.damaged))
        yield Line("bad", LABEL, f"{number} cannot be read: flask vault check names them")
    for use in report.uses:
        if use.status == KeyStatus.MISSING:
            yield Line("bad", LABEL, _missing(use))
    for use in report.uses:
        if text := _to_do(use):
            yield Line("note", LABEL, text)
    if report.is_whole:
        total = sum(use.rows for use in report.uses)
        yield Line("ok", LABEL, f"{_secrets(total)}, all of them can be read")


def _missing(use: KeyUse) -> str:
    if use.key_id == vault_keys.NO_ID:
        return f"the original key of {_secrets(use.rows)} is missing: flask vault rekey --old-key -"
    return f"the key {use.key_id} of {_secrets(use.rows)} is missing"


def _to_do(use: KeyUse) -> str:
    """What is left to do about a key; "" if nothing is."""
    if use.status == KeyStatus.PENDING:
        return f"the retired key {use.key_id} is needed for {_secrets(use.rows)}: flask vault rekey"
    if use.status == KeyStatus.REMOVABLE:
        return f"nothing needs the retired key {use.key_id}: flask vault remove {use.key_id}"
    if use.status == KeyStatus.LEGACY:
        return f"{_secrets(use.rows)} in the form of the original: flask vault rekey"
    return ""


def _secrets(number: int) -> str:
    return "1 secret" if number == 1 else f"{number} secrets"
