"""What the database refuses, in the domain's words."""

import re

from sqlalchemy import UniqueConstraint
from sqlalchemy.exc import IntegrityError

from app.db import Base
from app.errors import Conflict, Invalid

# How PostgreSQL and MySQL name the constraint; the value that was refused stands beside it.
CONSTRAINT = re.compile(r"""(?:constraint "|for key '(?:\w+\.)?)(uq_\w+)""")


def refusal(error: IntegrityError) -> Invalid:
    """Say in the domain's words which field the database refused.

    It is the twin of a service's check that lost a race, and gets the same answer as the check:
    400 in the API, on a page 422 at the field; a reference that vanished is 409 on a page.
    """
    reason = str(error.orig)
    if columns := re.search(r"UNIQUE constraint failed: .*?(\w+)$", reason):  # SQLite
        return Invalid({columns[1]: "Already taken"})
    if constraint := CONSTRAINT.search(reason):
        return Invalid({_last_column(constraint[1]): "Already taken"})
    return Conflict({"form": "It refers to something that was deleted meanwhile"})


def _last_column(constraint_name: str) -> str:
    every = (c for table in Base.metadata.tables.values() for c in table.constraints)
    found = next((c for c in every if c.name == constraint_name), None)
    return list(found.columns)[-1].name if isinstance(found, UniqueConstraint) else "form"
