"""The data types of ssh messages (RFC 4251, section 5)."""

import struct

_UINT32 = struct.Struct(">I")


class Reader:
    """Takes a message apart, from its beginning. Raises ValueError where it is too short."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def byte(self) -> int:
        return self._take(1)[0]

    def uint32(self) -> int:
        return int(_UINT32.unpack(self._take(4))[0])

    def string(self) -> bytes:
        return self._take(self.uint32())

    def _take(self, size: int) -> bytes:
        found = self._data[self._at : self._at + size]
        if len(found) < size:
            raise ValueError("The message is too short")
        self._at += size
        return found


def uint32(number: int) -> bytes:
    return _UINT32.pack(number)


def string(data: bytes) -> bytes:
    return uint32(len(data)) + data


def mpint(number: int) -> bytes:
    """A number that is not negative."""
    return string(number.to_bytes(number.bit_length() // 8 + 1, "big") if number else b"")
