from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator, model_validator

from app.models import AccessKeyType
from app.schemas.base import Input, Line, Output, Text, filled, reason

USABLE = (AccessKeyType.NONE, AccessKeyType.SSH, AccessKeyType.LOGIN_PASSWORD)


class LoginPassword(Input):
    login: Text = ""
    """The username, if there is one."""
    password: Text = ""
    """The password or token."""

    @property
    def flaw(self) -> str | None:
        return None if self.password else "password can not be empty"


class SshKey(Input):
    login: Text = ""
    """The username on the hosts, if it is not their own choice."""
    passphrase: Text = ""
    """That of the private key, if it has one."""
    private_key: Text = ""
    """The private key as its file has it, lines and all."""

    @property
    def flaw(self) -> str | None:
        return None if self.private_key.strip() else "private key can not be empty"


class AccessKeyIn(Input):
    """A new key. The member named like its type holds its secret."""

    name: Annotated[Line, filled("name can not be empty")] = ""
    """What people call it."""
    type: Annotated[str, Field(json_schema_extra={"enum": [*USABLE]})] = ""
    """What the key is; the member of this name holds its secret."""
    login_password: LoginPassword = LoginPassword()
    """The secret of a key of type login_password."""
    ssh: SshKey = SshKey()
    """The secret of a key of type ssh."""

    @field_validator("type")
    @classmethod
    def be_a_type(cls, value: str) -> str:
        if value not in USABLE:
            raise reason(f"Must be one of {', '.join(USABLE)}")
        return value

    @property
    def part(self) -> LoginPassword | SshKey | None:
        """What is secret in it."""
        return getattr(self, self.type, None)

    @property
    def replaces_secret(self) -> bool:
        return True

    @model_validator(mode="after")
    def be_complete(self) -> "AccessKeyIn":
        if self.replaces_secret and self.part and self.part.flaw:
            raise ValueError(self.part.flaw)
        return self


class AccessKeyChange(AccessKeyIn):
    """A changed key: only its name, unless `override_secret` brings type and secret anew."""

    type: str = ""
    """The new type, with `override_secret`; otherwise it stays."""
    override_secret: bool = False
    """Whether type and secret are replaced, too."""

    @field_validator("type")
    @classmethod
    def be_a_type(cls, value: str) -> str:
        return AccessKeyIn.be_a_type(value) if value else value

    @model_validator(mode="after")
    def have_a_type(self) -> "AccessKeyChange":
        if self.replaces_secret and not self.type:
            AccessKeyIn.be_a_type(self.type)
        return self

    @property
    def replaces_secret(self) -> bool:
        return self.override_secret


class AccessKeyOut(Output):
    """A key, never its secret; `empty` tells that none is stored."""

    id: int
    name: str
    type: str
    project_id: int
    empty: bool | None = None

    @field_validator("empty")
    @classmethod
    def be_shown_only_if_true(cls, value: bool | None, info: ValidationInfo) -> bool | None:
        return value or info.data.get("type") == AccessKeyType.NONE or None
