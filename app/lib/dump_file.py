"""A private file of JSON lines, compressed with zstd, that tells whether it is whole.

`zstd -dc FILE | less` reads it. The compressed stream has a checksum, and the last line is a mark
that only a finished file has.
"""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import zstandard

END = {"end": True}
PIECE = 256 * 1024  # bytes that are read at once


class DumpError(Exception):
    """The file cannot be read: it is not whole, or something else; the text says which."""


@contextmanager
def create(path: Path) -> Iterator[Callable[[Any], None]]:
    """Make a new file with mode 0600; yields what appends a line. Raises OSError if it exists.

    It is on the disk when the block ends; when the block fails, it is deleted.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            compressor = zstandard.ZstdCompressor(level=3, write_checksum=True)
            with compressor.stream_writer(file, closefd=False) as stream:

                def append(value: Any) -> None:
                    stream.write(json.dumps(value, separators=(",", ":")).encode() + b"\n")

                yield append
                append(END)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def lines(path: Path) -> Iterator[Any]:
    """The values of a file, one after the other. Raises DumpError, at the end too; OSError."""
    value: Any = None
    try:
        for line in _split(path):
            value = json.loads(line)
            if value != END:
                yield value
    except (zstandard.ZstdError, ValueError) as error:
        raise DumpError(f"{path} is damaged, or not a backup") from error
    if value != END:
        raise DumpError(f"{path} ends too early")


def _split(path: Path) -> Iterator[bytes]:
    """The lines, decompressed. Raises when the checksum at the end is wrong or was cut off."""
    stream, rest = zstandard.ZstdDecompressor().decompressobj(), b""
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            *whole, rest = (rest + stream.decompress(piece)).split(b"\n")
            yield from whole
    if not stream.eof:
        raise DumpError(f"{path} ends too early")
    if rest or stream.unused_data:
        raise DumpError(f"{path} goes on behind its end")
