"""Plays, tasks and the recap, recognised in the output of an ansible without our callback."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from app.lib.escapes import without_escapes

SUMS = ("ok", "changed", "unreachable", "failed", "skipped", "rescued", "ignored")
_KINDS = {"PLAY": "play", "TASK": "task", "RUNNING HANDLER": "handler"}
_BANNER = re.compile(r"(PLAY|TASK|RUNNING HANDLER)(?: \[(.*)\])? \*{3,}$")
_RECAP = re.compile(r"PLAY RECAP \*{3,}$")
_HOST = re.compile(r"(\S+) +: +(ok=\d.*)$")
_SUM = re.compile(r"(\w+)=(\d{1,9})\b")


@dataclass(frozen=True, slots=True)
class Part:
    """A play, a task or a handler begins, or the recap."""

    kind: str
    title: str


@dataclass(frozen=True, slots=True)
class HostSums:
    """A line of the recap."""

    host: str
    sums: dict[str, int] = field(hash=False)


class AnsibleText:
    """Reads one line after the other."""

    def __init__(self) -> None:
        self._is_recap = False

    def line(self, text: str) -> Part | HostSums | None:
        """What this line says, escape sequences aside; most say nothing."""
        if not self._is_recap and " ***" not in text:
            return None
        plain = without_escapes(text.encode()).decode().strip()
        if _RECAP.match(plain):
            self._is_recap = True
            return Part("recap", "Play recap")
        if banner := _BANNER.match(plain):
            self._is_recap = False
            return Part(_KINDS[banner[1]], banner[2] or "")
        host = _HOST.match(plain) if self._is_recap else None
        return HostSums(host[1], dict(_sums(host[2]))) if host else None


def _sums(text: str) -> Iterator[tuple[str, int]]:
    for name, count in _SUM.findall(text):
        if name in SUMS:
            yield name, int(count)
