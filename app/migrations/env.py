"""Alembic: run migrations with the application's own engine and models."""

from alembic import context
from flask import current_app

from app.db import db

config = context.config


def run() -> None:
    """Run the migrations in one transaction where the database can do that."""
    engine = current_app.extensions["migrate"].db.engine
    options = current_app.extensions["migrate"].configure_args | {"user_module_prefix": ""}
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=db.metadata, **options)
        with context.begin_transaction():
            context.run_migrations()
        if connection.in_transaction():
            connection.commit()


run()
