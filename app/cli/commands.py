"""The commands that `flask` knows of ours."""

import click

from app.cli import backups, doctor, keys, retention, setup, users, vault


def add_to(group: click.Group) -> None:
    group.add_command(doctor.doctor)
    group.add_command(keys.generate_keys)
    group.add_command(setup.first_admin)
    group.add_command(users.group)
    group.add_command(users.group, "users")  # the original knows both
    group.add_command(vault.group)
    group.add_command(backups.backup)
    group.add_command(backups.restore)
    group.add_command(retention.command)
