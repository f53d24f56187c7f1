"""The test of a key: can it be decrypted and read, and which one is it."""

from typing import Any

from sqlalchemy import update

from app.db import db
from app.executors.questions import Question
from app.executors.questions.access_keys import KeyTest
from app.executors.spec import Key
from app.models import AccessKey
from app.services import run_keys
from app.services.probe_kinds.base import ProbeKind

NOTHING = Key(0, "None", "none")


def _key_test(row: AccessKey) -> Question:
    return KeyTest(run_keys.key_of(row) or NOTHING)


def _note(key_id: int, versions: list[int], answer: dict[str, Any] | None, flaw: str) -> None:
    """Keep kind and fingerprint, unless the key was changed meanwhile."""
    found = answer or {}
    db.session.execute(
        update(AccessKey)
        .where(AccessKey.id == key_id, AccessKey.lock_version == versions[0])
        .values(key_kind=found.get("kind") or None, fingerprint=found.get("fingerprint") or None)
    )


KEY = ProbeKind(AccessKey, _key_test, note=_note)
