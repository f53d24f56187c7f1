"""flask vault …: the keys that secrets are encrypted with, and the secrets themselves."""

import os
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TextIO

import click
from flask.cli import AppGroup

from app.cli.refusals import one_line
from app.db import transaction
from app.errors import DomainError
from app.lib import keyring_file, original_secrets
from app.lib.keyring import KeyringError
from app.services import vault, vault_backups, vault_keys

group = AppGroup("vault", help="Check and replace the keys that secrets are encrypted with.")

ASK = "-"  # as a key: ask for it, or read it from standard input
FILE = click.Path(dir_okay=False, path_type=Path)


@group.command("rekey")
@click.option("--old-key", help=f"A key not in the keyring; {ASK} asks or reads standard input.")
@click.option("--backup", type=FILE, help="Keep what is replaced in this new file.")
@click.option("--rollback", type=FILE, help="Put back what this file has kept; nothing else.")
@one_line
def rekey(old_key: str | None, backup: Path | None, rollback: Path | None) -> None:
    """Encrypt every secret with the active key. Again is harmless, also while the server runs."""
    if rollback:
        if old_key or backup:
            raise click.ClickException("--rollback goes with no other option")
        _roll_back(rollback)
        return
    old_keys = [_key(old_key)] if old_key else []
    with _new_file(backup) if backup else nullcontext() as file:
        done = vault.rekey(old_keys, file)
    click.echo(f"{done.moved} secrets were encrypted with the active key; {done.kept} had been")
    if done.changed:
        click.echo(f"{done.changed} were changed by others meanwhile: run it again")
    _say_unreadable(done.unreadable)


@group.command("check")
@one_line
def check() -> None:
    """Say how many secrets each key encrypts. Exit code 1 if one cannot be decrypted."""
    report = vault_keys.check()
    click.echo(f"{'key':<11}  {'secrets':>7}  status")
    for use in report.uses:
        click.echo(f"{use.key_id:<11}  {use.rows:>7}  {use.status}")
    _say_unreadable(report.damaged)
    if not report.is_whole:
        sys.exit(1)


@group.command("rotate")
@one_line
def rotate() -> None:
    """Make a new active key. The old ones still decrypt; `flask vault rekey` is next."""
    click.echo(f"{vault_keys.rotate()} is the active key now. Next: flask vault rekey")


@group.command(
    "remove", context_settings={"ignore_unknown_options": True}
)  # an id may begin with -
@click.argument("key_id")
@one_line
def remove(key_id: str) -> None:
    """Take a retired key out of the keyring once no secret needs it."""
    with transaction():
        vault_keys.remove(key_id)
    click.echo(f"{key_id} was removed")


def _roll_back(path: Path) -> None:
    try:
        with path.open() as file:
            records = vault_backups.read(file)
    except (OSError, UnicodeDecodeError) as error:
        raise DomainError(f"{path} cannot be read: {error}") from error
    restored, changed = vault.rollback(records)
    click.echo(f"{restored} secrets were put back; {changed} had changed since and were left")


def _new_file(path: Path) -> TextIO:
    try:
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w")
    except OSError as error:
        raise DomainError(f"{path} cannot be made: {error.strerror}") from error


def _key(given: str) -> bytes:
    """A key on the command line is seen by others; the other two ways are not."""
    if given == ASK:
        tty = sys.stdin.isatty()
        given = click.prompt("Old key", hide_input=True) if tty else sys.stdin.readline()
    try:
        return keyring_file.decode(given, "--old-key", original_secrets.SIZES)
    except KeyringError as error:
        raise DomainError(str(error)) from error


def _say_unreadable(places: dict[str, str]) -> None:
    """Name the rows; the exit code tells a script."""
    for place, why in places.items():
        click.echo(f"{place}: {why}", err=True)
    if places:
        sys.exit(1)
