"""Bytes that come in pieces, such as an open file's."""

from typing import Protocol


class Content(Protocol):
    """It can be read again, should the first attempt to store it fail."""

    def seek(self, place: int, /) -> int: ...
    def read(self, most: int, /) -> bytes: ...
