"""The migrations make the tables that the models describe, on each database, and undo them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, select

from app.application import create_app
from app.config import Config
from app.db import db
from app.models import Lock


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[str]:
    yield f"sqlite:///{tmp_path}/fresh.db"


@pytest.fixture(params=["sqlite", "postgresql", "mysql"])
def fresh(request: pytest.FixtureRequest, valkey: str, tmp_path: Path) -> Iterator[Flask]:
    """The application on an empty database."""
    url = request.getfixturevalue(request.param)
    app = create_app(
        Config(DATA_DIR=tmp_path, SECRET_KEY="x", DATABASE_URL=url, REDIS_URL=valkey, TESTING=True)
    )
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def test_up_is_what_the_models_say_and_down_leaves_nothing(fresh: Flask) -> None:
    upgrade()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []
    assert set(db.session.scalars(select(Lock.name))) == {"dispatch", "roles"}
    db.session.rollback()
    downgrade(revision="base")
    assert inspect(db.engine).get_table_names() == ["alembic_version"]
    upgrade()
    assert set(inspect(db.engine).get_table_names()) - {"alembic_version"} == set(
        db.metadata.tables
    )
