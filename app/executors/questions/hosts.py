"""By which keys an ssh server is known."""

import re
from dataclasses import dataclass
from typing import Any

from app.executors.questions.base import Look, NoAnswer
from app.lib import host_scan

HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?|[0-9A-Fa-f:.]+:[0-9A-Fa-f:.]*")


def is_allowed(port: int) -> bool:
    """Where ssh may be: at its own port, at that of https (some hosts do so), above the system's.

    The scan is no tool to find out which other services a network has.
    """
    return port in (22, 443) or 1024 <= port <= 65535


@dataclass(frozen=True)
class HostKeys:
    """{"keys": [{"type", "key", "fingerprint"}]}: `type` and `key` as in known_hosts."""

    host: str
    port: int = 22

    def answer(self, look: Look) -> dict[str, Any]:
        if not HOST.fullmatch(self.host) or len(self.host) > 253:
            raise NoAnswer("Give the name or address of a host, without a user or a path")
        if not is_allowed(self.port):
            raise NoAnswer("ssh is looked for at port 22 or 443, or from 1024 on")
        try:
            found = host_scan.scan(self.host, self.port, look.check)
        except host_scan.NoServer as error:
            raise NoAnswer(str(error)) from error
        return {"keys": [vars(key) for key in found]}
