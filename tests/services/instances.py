"""Applications with data directories of their own, and rows of every sort."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import select

from app.application import create_app
from app.config import Config
from app.db import db, transaction
from app.models import AccessKey, TaskChunk, TaskSection, User
from app.services import secrets
from tests import factories

MOMENT = datetime(2026, 2, 28, 23, 59, 59, 123456, tzinfo=UTC)


@contextmanager
def running(folder: Path, valkey: str, url: str) -> Iterator[Flask]:
    key = base64.b64encode((folder.name.encode() * 32)[:32]).decode()
    app = create_app(
        Config(
            DATA_DIR=folder,
            SECRET_KEY="x",
            REDIS_URL=valkey,
            TESTING=True,
            DATABASE_URL=url,
            ACCESS_KEY_ENCRYPTION=key,
        )
    )
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def fill() -> None:
    """Rows of every sort: bytes, JSON, moments, references forwards, more than one batch has."""
    upgrade()
    owner = factories.user("anna", created=MOMENT)
    owner.name = "Änna 🦉"
    project = factories.project("Prüfung")
    names = [f"user{n}" for n in range(250)]
    db.session.add_all(User(username=n, name=n, email=f"{n}@x", password="") for n in names)
    first, second = (factories.template(project, f"T{n}", survey_vars=[]) for n in (1, 2))
    first.build_template_id = second.id
    runs = [
        factories.task(first, user_id=owner.id, status="success", line_count=2, start=MOMENT)
        for _ in range(3)
    ]
    runs[0].params = {"tags": ["a", "\ud83e\udd89", None], "deep": {"n": 1.5, "yes": True}}
    runs[0].build_task_id, runs[2].build_task_id = runs[1].id, runs[1].id
    chunk = {"n_lines": 2, "raw_len": 9, "first_ms": 1, "last_ms": 2**41, "marks": b""}
    for run in runs[:2]:
        db.session.add(TaskChunk(task_id=run.id, first_line=0, data=bytes(range(256)), **chunk))
    db.session.add(TaskSection(task_id=runs[0].id, seq=0, kind="phase", title="x", first_line=0,
                               first_ms=1, counts={"ok": 1}))  # fmt: skip
    key = factories.access_key(project, "Key", type="string")
    secrets.seal(key, "s3cret")
    db.session.delete(runs[2])
    factories.save()


def everything() -> dict[str, list[Any]]:
    """All rows by table; not secrets, which are encrypted anew, nor workers, which come anew."""
    rows = {}
    with transaction(write=False):
        for table in db.metadata.sorted_tables:
            shown = [c for c in table.columns if c.name != "secret"]
            query = select(*shown).order_by(*table.primary_key.columns)
            rows[table.name] = [tuple(row) for row in db.session.execute(query)]
    del rows["worker"]
    return rows


def secret() -> str:
    return secrets.open(db.session.scalars(select(AccessKey).where(AccessKey.name == "Key")).one())
