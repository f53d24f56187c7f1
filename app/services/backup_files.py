"""A backup file as it comes: read, and what is wrong with it named by its path."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

from pydantic import ValidationError

from app.errors import DomainError, Invalid, reason
from app.lib import json_objects
from app.schemas.project_backups import ProjectBackup

MOST_TOLD = 20  # mistakes of a file

# The id of an object that the file names, by kind, field and name; Invalid if it is not there.
Find = Callable[[str, str, str], int | None]


def read(data: bytes) -> ProjectBackup:
    """Check a file. Raises Invalid, naming the path of each field, or DomainError for no JSON."""
    try:
        found = json_objects.read(data, "file")
    except ValueError as error:
        raise DomainError(str(error)) from error
    try:
        return ProjectBackup.model_validate(found, strict=True)
    except ValidationError as error:
        fields = {_path(e["loc"]): reason(e) for e in error.errors()}
        raise Invalid(fields, _said(fields)) from error


@contextmanager
def below(path: str) -> Iterator[None]:
    """What an entry is refused for is told with the path of its field in the file."""
    try:
        yield
    except Invalid as error:
        renamed = {f"{path}.{name.removesuffix('_id')}": why for name, why in error.fields.items()}
        raise Invalid(renamed) from error


def _path(loc: tuple[Any, ...]) -> str:
    """("templates", 2, "name") as `templates[2].name`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc)
    return text.removeprefix(".") or "file"


def _said(fields: dict[str, str]) -> str:
    """The refusal as one text: a file may have thousands of mistakes, of which the first help."""
    first = [f"{path}: {why}" for path, why in islice(fields.items(), MOST_TOLD)]
    more = len(fields) - len(first)
    return "; ".join(first) + (f"; and {more} more" if more else "")
