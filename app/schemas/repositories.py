import re
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from app.lib.git_urls import BadRef, BadUrl, GitUrl, UrlKind, check_ref, parse_url
from app.schemas.base import Input, Line, Output, Reference, filled, reason

# The published document's own example. It is kept, and a run says that the path is missing.
HOST_ONLY = re.compile(r"[A-Za-z0-9_][\w.+-]*@[A-Za-z0-9][A-Za-z0-9.-]*")
WITHOUT_BRANCH = (UrlKind.LOCAL, UrlKind.PACKAGED)


def url_of(text: str) -> GitUrl:
    """The checked address. Raises BadUrl, a ValueError that says what is allowed."""
    if HOST_ONLY.fullmatch(text):
        return GitUrl(UrlKind.SSH, text)
    return parse_url(text)


class RepositoryIn(Input):
    """Where scripts come from; a directory of this machine needs no branch."""

    name: Annotated[Line, filled("repository name can't be empty")] = ""
    """What people call it."""
    git_url: Annotated[str, Field(max_length=2048), filled("repository url can't be empty")] = ""
    """The address, or a directory of the server."""
    git_branch: Line = ""
    """The branch; a directory has none."""
    ssh_key_id: Reference = None
    """The key that it needs; one of type none where it needs none."""

    @field_validator("git_url")
    @classmethod
    def be_an_address(cls, value: str) -> str:
        try:
            url_of(value)
        except BadUrl as error:
            raise reason(str(error)) from error
        return value

    @field_validator("git_branch")
    @classmethod
    def be_a_branch(cls, value: str, info: ValidationInfo) -> str:
        url = info.data.get("git_url")
        if not value:
            if url and url_of(url).kind not in WITHOUT_BRANCH:
                raise ValueError("repository branch can't be empty")
            return value
        try:
            return check_ref(value)
        except BadRef as error:
            raise reason(str(error)) from error


class AddressIn(RepositoryIn):
    """What of a repository decides whether it can be reached; it need not have a name yet."""

    name: Line = ""


class RepositoryOut(Output):
    id: int
    name: str
    project_id: int
    git_url: str
    git_branch: str
    ssh_key_id: int
