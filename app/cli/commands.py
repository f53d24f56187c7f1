"""The commands that `flask` knows of ours."""

from flask import Flask

from app.cli import backups, doctor, keys, retention, setup, users, vault


def init_app(app: Flask) -> None:
    app.cli.add_command(doctor.doctor)
    app.cli.add_command(keys.generate_keys)
    app.cli.add_command(setup.first_admin)
    app.cli.add_command(users.group)
    app.cli.add_command(users.group, "users")  # the original knows both
    app.cli.add_command(vault.group)
    app.cli.add_command(backups.backup)
    app.cli.add_command(backups.restore)
    app.cli.add_command(retention.command)
