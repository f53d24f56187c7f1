"""Access keys as an executor gets them: decrypted, and only in the process of one run."""

import json
from collections.abc import Iterable, Iterator

from app.executors.spec import Key
from app.lib.keyring import KeyringError, key_id_of
from app.models import AccessKey, AccessKeyType
from app.services import secrets


def key_of(row: AccessKey | None) -> Key | None:
    """The key of a row; None for none. One that cannot be decrypted says so in `lost`."""
    if row is None:
        return None
    key = Key(row.id, row.name, row.type)
    if row.type == AccessKeyType.NONE:
        return key
    try:
        clear = secrets.open(row)
    except KeyringError:
        return Key(row.id, row.name, row.type, lost=key_id_of(row.secret or "") or "unknown")
    if not clear:
        return Key(row.id, row.name, row.type, is_empty=True)
    if row.type == AccessKeyType.STRING:
        return Key(row.id, row.name, row.type, password=clear)
    return _with_parts(row, json.loads(clear))


def _with_parts(row: AccessKey, parts: dict[str, str]) -> Key:
    return Key(
        id=row.id,
        name=row.name,
        type=row.type,
        login=parts.get("login", ""),
        password=parts.get("password", ""),
        private_key=parts.get("private_key", ""),
        passphrase=parts.get("passphrase", ""),
    )


def values(keys: Iterable[Key | None]) -> Iterator[str]:
    """Everything in these keys that may appear in no log."""
    for key in keys:
        if key is not None:
            yield from filter(None, (key.password, key.private_key, key.passphrase))
