"""What a rekey has replaced, as lines of JSON, so that it can be put back."""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TextIO

from app.errors import DomainError


@dataclass(frozen=True)
class Record:
    """A secret before and after; the first three are what the original writes."""

    project_id: int
    key_id: str
    secret: str
    table: str
    id: int
    replaced_by: str


def write(file: TextIO, records: Sequence[Record]) -> None:
    """Append the records; they are on the disk when this returns."""
    file.writelines(json.dumps(asdict(record)) + "\n" for record in records)
    file.flush()
    os.fsync(file.fileno())


def read(file: TextIO) -> list[Record]:
    """All records. Raises DomainError for a file that `write` has not made."""
    records = []
    for number, line in enumerate(file, 1):
        try:
            record = Record(**json.loads(line))
        except (ValueError, TypeError) as error:
            raise DomainError(f"Line {number} is not one of a backup of vault rekey") from error
        records.append(record)
    return records
