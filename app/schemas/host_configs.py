import re
from ipaddress import AddressValueError, IPv6Address
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationInfo, field_validator

from app.schemas.base import Input, Output, Reference, filled

# The name reaches ssh and git as a pattern, so nothing that either gives a meaning is allowed.
HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?")
URL = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~%+/-]*)?")
SCHEMES = ("http://", "https://")


class HostConfigIn(Input):
    """Which key a host, or the URLs below an address, get instead of the usual one."""

    type: Literal["host", "url"] = Field(validate_default=True, default="")
    """What `host` is: a host, or the beginning of addresses."""
    host: Annotated[str, Field(max_length=1024), filled("host or URL can not be empty")] = ""
    """The host name, or an address without credentials."""
    ssh_key_id: Reference = None
    """The key that is used there."""

    @field_validator("host", mode="before")
    @classmethod
    def trim(cls, value: object) -> object:
        return value.strip() if isinstance(value, str) else value

    @field_validator("host")
    @classmethod
    def be_a_host_or_an_address(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("type") == "url":
            _check_url(value)
        elif not is_host(value):
            raise ValueError("host must be a host name")
        return value

    @property
    def same(self) -> str:
        """What two mappings must not have in common."""
        return normal(self.type, self.host)


def normal(kind: str, host: str) -> str:
    """The form in which two hosts, or two addresses, are compared."""
    return host.rstrip("/") if kind == "url" else host.lower()


def is_host(text: str) -> bool:
    """Whether a text is a host name or an address of a host, and nothing else."""
    if HOST.fullmatch(text):
        return True
    try:
        return bool(IPv6Address(text)) and "%" not in text
    except AddressValueError:
        return False


def _check_url(text: str) -> None:
    if "://" not in text:
        raise ValueError("URL must be a git URL: https://git.example.com/team")
    if not text.lower().startswith(SCHEMES):
        raise ValueError("URL must start with http:// or https://")
    if "@" in urlsplit(text).netloc:
        raise ValueError("URL must not contain credentials")
    if not URL.fullmatch(text):
        raise ValueError("URL has invalid characters")


class HostConfigOut(Output):
    id: int
    project_id: int
    type: str
    host: str
    ssh_key_id: int
