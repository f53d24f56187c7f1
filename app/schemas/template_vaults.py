import re
from collections.abc import Iterable
from typing import Annotated, Final, Literal, Protocol

from pydantic import AfterValidator, ConfigDict, ValidationInfo, field_validator

from app.schemas.base import Input, Line, Output, Path, Reference, reason

# It becomes `--vault-id=<name>@…`, and the prompt repeats it.
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
DEFAULT = "default"
PASSWORD: Final = "password"  # noqa: S105  the name of a type
SCRIPT: Final = "script"


def _name(value: str) -> str | None:
    if value and not NAME.fullmatch(value):
        raise reason("Must consist of letters, digits, “_”, “.” and “-”")
    return value or None


def _none_if_empty(value: str) -> str | None:
    return value or None


class VaultIn(Input):
    """A vault password: a key's, or what a script of the repository prints.

    Without a name it is the default one.
    """

    model_config = ConfigDict(from_attributes=True)

    name: Annotated[Line, AfterValidator(_name)] | None = None
    """Ansible's name of the vault; without one it is the default."""
    type: Literal["", "password", "script"] = PASSWORD
    """Where its password comes from."""
    vault_key_id: Reference = None
    """The key that holds the password."""
    script: Annotated[Path, AfterValidator(_none_if_empty)] | None = None
    """The script of the repository that prints the password."""

    @field_validator("type")
    @classmethod
    def be_a_type(cls, value: str) -> str:
        return value or PASSWORD

    @field_validator("vault_key_id")
    @classmethod
    def be_for_a_password(cls, value: int | None, info: ValidationInfo) -> int | None:
        kind = info.data.get("type")
        if kind == PASSWORD and value is None:
            raise reason("Choose the key that holds the password")
        if kind == SCRIPT and value is not None:
            raise reason("A script prints the password, so there is no key")
        return value

    @field_validator("script")
    @classmethod
    def be_for_a_script(cls, value: str | None, info: ValidationInfo) -> str | None:
        if info.data.get("type") == SCRIPT and not value:
            raise reason("Name the script that prints the password")
        return value if info.data.get("type") == SCRIPT else None

    @property
    def vault_id(self) -> str:
        return self.name or DEFAULT


class VaultOut(Output):
    id: int
    name: str | None
    type: str
    vault_key_id: int | None
    script: str | None


class Identified(Protocol):
    """A vault, with a key or with the name of one."""

    @property
    def vault_id(self) -> str: ...


def refuse_same(vaults: Iterable[Identified]) -> None:
    """Ansible knows each vault by its name, so two cannot have the same."""
    seen: set[str] = set()
    for vault in vaults:
        if vault.vault_id in seen:
            raise reason(f"The name {vault.vault_id} is there twice")
        seen.add(vault.vault_id)
