"""Tell whether two values are the same without keeping them: hashes under a key of the keyring.

Without the key nobody can try values against a hash; with another active key hashes differ, so
each is kept with the id of its key.
"""

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import Any, Self

from app.extensions import keyring

PURPOSE = b"heliograph: manifests of runs"  # the key that encrypts is used for nothing else


@dataclass(frozen=True)
class Fingerprints:
    """Of the values of one project: the same value elsewhere has another hash."""

    project_id: int
    key_id: str
    _key: bytes = field(repr=False)

    @classmethod
    def of_project(cls, project_id: int) -> Self:
        """Under the key that is active now."""
        found, active = keyring(), keyring().keys[0]
        return cls(project_id, found.active, hmac.digest(active, PURPOSE, "sha256"))

    def of(self, place: str, value: Any) -> str:
        """Of a JSON value at a place ("var:PORT"): two places never have the same hash."""
        told = json.dumps([self.project_id, place, value], sort_keys=True, default=str)
        digest = hmac.new(self._key, told.encode(errors="surrogatepass"), hashlib.sha256)
        return digest.hexdigest()[:32]
