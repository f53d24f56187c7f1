"""Commands for the terminal: parse, call a service, print.

They are imported when somebody asks for one: no server needs them, nor Alembic.
"""

from importlib import import_module

import click
from flask import Flask
from flask.cli import AppGroup


class Commands(AppGroup):
    """Ours, and those of Flask-Migrate."""

    _is_loaded = False

    def list_commands(self, ctx: click.Context) -> list[str]:
        self._load()
        return super().list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        self._load()
        return super().get_command(ctx, cmd_name)

    def _load(self) -> None:
        if not self._is_loaded:
            import_module("app.cli.commands").add_to(self)
            self.add_command(import_module("flask_migrate.cli").db)
            self._is_loaded = True


def init_app(app: Flask) -> None:
    app.cli = Commands(app.name)
