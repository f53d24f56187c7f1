"""Tell whether a SQLite database has the newest migration, without loading Alembic.

Loading the application, SQLAlchemy and Alembic only to find that there is nothing to do takes more
than a second of every start.
"""

import ast
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

ASSIGNMENT = re.compile(r"^(revision|down_revision)\b[^=\n]*=(.+)$", re.MULTILINE)


def is_newest(database: Path, versions: Path) -> bool:
    """Whether the database's revision is the last one in the directory of migrations.

    False where that is not certain: no file, no table, several branches.
    """
    return heads(versions) == _revisions(database) != set()


def heads(versions: Path) -> set[str]:
    """Return the revisions that no other one builds upon."""
    found: set[str] = set()
    below: set[str | None] = set()
    for path in versions.glob("*.py"):
        values = {name: ast.literal_eval(v) for name, v in ASSIGNMENT.findall(path.read_text())}
        found.add(values["revision"])
        downs = values.get("down_revision")
        below |= set(downs) if isinstance(downs, tuple) else {downs}
    return found - below


def _revisions(database: Path) -> set[str]:
    query = "SELECT version_num FROM alembic_version"
    try:
        with closing(sqlite3.connect(f"file:{quote(str(database))}?mode=ro", uri=True)) as opened:
            return {row[0] for row in opened.execute(query)}
    except sqlite3.Error:
        return set()
