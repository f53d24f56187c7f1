"""flask backup and flask restore: a whole instance in one file."""

from pathlib import Path

import click
from flask.cli import with_appcontext

from app.cli.refusals import one_line
from app.services import instance_backups, instance_restores, vault_keys

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("backup")
@click.argument("file", type=FILE)
@click.option("--without-output", is_flag=True, help="Leave out what runs have printed.")
@with_appcontext
@one_line
def backup(file: Path, without_output: bool) -> None:
    """Write database and encryption keys into a new FILE. The server may run meanwhile."""
    rows = instance_backups.write(file, output=not without_output)
    size = file.stat().st_size
    click.echo(f"{file}: {sum(rows.values())} rows of {len(rows)} tables, {size:,} bytes")
    report = vault_keys.check()
    if not report.is_whole:
        click.echo("Some secrets cannot be decrypted: flask vault check names them", err=True)


@click.command("restore")
@click.argument("file", type=FILE)
@click.option("--force", is_flag=True, help="Replace all data that is in the database.")
@with_appcontext
@one_line
def restore(file: Path, force: bool) -> None:
    """Fill the database from FILE, of the same kind of database or another. Stop the server."""
    done = instance_restores.restore(file, force=force)
    header = done.backup.header
    click.echo(f"Restored the backup of {header['created'][:19]} UTC, release {header['release']}")
    for name, rows in done.rows.items():
        if rows:
            click.echo(f"{rows:>9} {name}")
    if not header["output"]:
        click.echo("The backup has no output of runs")
    if done.backup.is_older:
        click.echo("The tables were brought to this release")
    click.echo(f"{done.secrets.moved} secrets are encrypted with the active key of this server")
    if done.unfinished:
        click.echo(f"{done.unfinished} runs had not ended: workers go on with them")
    for place, why in done.secrets.unreadable.items():
        click.echo(f"{place}: {why}", err=True)
