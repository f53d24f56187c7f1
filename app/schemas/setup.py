from typing import Annotated

from pydantic import Field, field_validator

from app.schemas.base import Input, Text
from app.schemas.users import Name, Username

MIN_PASSWORD = 12
# A password that a person chooses for himself on a page.
NewPassword = Annotated[Text, Field(min_length=MIN_PASSWORD)]


class SetupIn(Input):
    """The first administrator, as the set-up page asks for him."""

    name: Name = ""
    username: Username = ""
    password: NewPassword = ""
    demo: bool = True

    @field_validator("username")
    @classmethod
    def be_one_word(cls, value: str) -> str:
        if len(value.split()) > 1:
            raise ValueError("Must be one word")
        return value
