import re
from typing import Annotated

from pydantic import AfterValidator

from app.schemas.base import Input, Line, Output, Text, reason

KEY = re.compile(r"[\w.]+", re.ASCII)


def _key(value: str) -> str:
    if not KEY.fullmatch(value):
        raise reason("Must be made of letters, digits, _ and dots")
    return value


class OptionIn(Input):
    key: Annotated[Line, AfterValidator(_key)] = ""
    """Which value."""
    value: Text = ""
    """A text; the server makes nothing of it."""


class OptionOut(Output):
    key: str
    value: str
