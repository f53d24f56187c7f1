import re
from base64 import b64decode
from binascii import Error as BadBase64
from typing import Annotated, NamedTuple

from pydantic import field_validator

from app.schemas.base import Input, Text, filled, reason
from app.schemas.host_configs import is_host

TYPES = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "ssh-rsa",
)
PORT = 22
WITH_PORT = re.compile(r"\[([^\[\]]+)\]:([0-9]{1,5})")


class Pin(NamedTuple):
    """A host with one of its public keys, as a line of known_hosts tells it."""

    host: str
    port: int
    type: str
    key: str


class HostKeyIn(Input):
    """Lines as ssh-keyscan prints them and known_hosts has them."""

    lines: Annotated[Text, filled("Paste at least one line")] = ""

    @field_validator("lines")
    @classmethod
    def be_known_hosts(cls, value: str) -> str:
        if not parse(value):
            raise reason("Paste at least one line that is no comment")
        return value

    @property
    def pins(self) -> list[Pin]:
        return parse(self.lines)


def parse(text: str) -> list[Pin]:
    """The hosts of known_hosts lines. Raises a reason that names the line."""
    pins: list[Pin] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            pins += _line(line.split(), f"Line {number}")
    return list(dict.fromkeys(pins))


def _line(parts: list[str], where: str) -> list[Pin]:
    if parts[0].startswith("@"):
        raise reason(f"{where}: {parts[0][:20]} is not supported, only plain host keys")
    if parts[0].startswith("|"):
        raise reason(f"{where}: its host name is hashed; write the name instead")
    if len(parts) < 3:
        raise reason(f"{where}: must be a host, a type and a key")
    names, kind, key = parts[:3]
    _check_key(kind, key, where)
    return [Pin(*address(name, where), kind, key) for name in names.split(",") if name]


def address(name: str, where: str = "Host") -> tuple[str, int]:
    """Host and port of "host", an address, or "[host]:port". Raises a reason."""
    found = WITH_PORT.fullmatch(name)
    host, port = (found[1], int(found[2])) if found else (name, PORT)
    if not is_host(host) or not 0 < port < 2**16:
        raise reason(f"{where}: {name[:80]!r} is no host name, [host]:port or address")
    return host.lower(), port


def _check_key(kind: str, key: str, where: str) -> None:
    """The text must be base64 that begins with the type's own name, as every host key does."""
    if kind not in TYPES:
        raise reason(f"{where}: {kind[:40]!r} is none of {', '.join(TYPES)}")
    try:
        blob = b64decode(key, validate=True)
    except BadBase64 as error:
        raise reason(f"{where}: the key is not base64") from error
    if not blob.startswith(len(kind).to_bytes(4, "big") + kind.encode()) or len(blob) < 48:
        raise reason(f"{where}: this is no key of type {kind}")
