"""Whether a key can be used, and what everybody may know of it."""

from dataclasses import dataclass
from typing import Any

from app.executors import keys
from app.executors.keys import Role
from app.executors.questions.base import Look
from app.executors.spec import Key

ANY = Role("key", ("ssh", "login_password", "none"))


@dataclass(frozen=True)
class KeyTest:
    """{"kind": "ED25519", "fingerprint": "SHA256:…", "public": line for authorized_keys}; of a
    key that is no private one all are "". What is wrong with it is an InstallError."""

    key: Key

    def answer(self, look: Look) -> dict[str, Any]:
        keys.check(self.key, ANY)
        if self.key.type != "ssh":
            return {"kind": "", "fingerprint": "", "public": ""}
        found = keys.private_key(self.key)
        return {"kind": found.kind, "fingerprint": found.fingerprint, "public": found.public_line}
