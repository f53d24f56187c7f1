"""The state of Terraform, as a backend gets it: what must be true of it, and its number.

OpenTofu may have encrypted it: then only its number and its lineage can be read.
"""

import json
import re
from dataclasses import dataclass
from itertools import islice
from typing import Any

from app.lib.loose_json import mappings

LARGEST_SERIAL = 2**63 - 1
LONGEST_LINEAGE = 255
MOST_LOOKS = 10  # at places that may be the number: resources may have attributes of its name
_SERIAL = re.compile(r'("serial"\s*:\s*)\d+')


class Unreadable(ValueError):
    """It is no state, or not one that can be kept; the text says why."""


@dataclass(frozen=True)
class StateFile:
    """A state. `lineage` is the tool's name for all versions that follow one another; `resources`:
    how many instances it manages, None where it is encrypted."""

    text: str
    serial: int
    lineage: str
    resources: int | None

    @property
    def is_encrypted(self) -> bool:
        return self.resources is None


def parse(written: bytes) -> StateFile:
    """Read what a tool has sent. Raises Unreadable."""
    try:
        text = written.decode()
    except UnicodeDecodeError as error:
        raise Unreadable("It is no text in UTF-8") from error
    document = load(text)
    serial, lineage = document.get("serial"), document.get("lineage")
    if not isinstance(serial, int) or isinstance(serial, bool) or not 0 <= serial <= LARGEST_SERIAL:
        raise Unreadable("Its serial is missing, or is no whole number")
    if not isinstance(lineage, str) or not 0 < len(lineage) <= LONGEST_LINEAGE:
        raise Unreadable("Its lineage is missing, or is no text")
    if not lineage.isprintable():
        raise Unreadable("Its lineage has characters that cannot be stored")
    return StateFile(text, serial, lineage, _managed(document))


def load(text: str) -> dict[str, Any]:
    """The document. Raises Unreadable."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable("It is no JSON") from error
    if not isinstance(document, dict):
        raise Unreadable("It is no JSON object")
    return document


def with_serial(text: str, serial: int) -> str:
    """The same state under another number, not a character else changed. Raises Unreadable."""
    wanted = load(text) | {"serial": serial}
    for found in islice(_SERIAL.finditer(text), MOST_LOOKS):
        made = f"{text[: found.start()]}{found[1]}{serial}{text[found.end() :]}"
        if load(made) == wanted:
            return made
    raise Unreadable("Its serial was not found")


def _managed(document: dict[str, Any]) -> int | None:
    if "encrypted_data" in document:
        return None
    managed = (r for r in mappings(document.get("resources")) if r.get("mode") != "data")
    return sum(len(mappings(resource.get("instances"))) for resource in managed)
