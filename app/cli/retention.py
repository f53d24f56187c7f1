"""flask retention: delete what the settings no longer keep, now, or say what that would be."""

import click
from flask.cli import with_appcontext

from app.cli.refusals import one_line
from app.services import retention


@click.command("retention")
@click.option("--dry-run", is_flag=True, help="Only say what would be deleted.")
@with_appcontext
@one_line
def command(dry_run: bool) -> None:
    """Delete the runs, logs and artifacts that the settings no longer keep; the worker does it by
    itself."""
    found = retention.expired() if dry_run else retention.apply()
    verb = "would be" if dry_run else "were"
    logs, files = f"the logs of {found.logs}", f"the artifacts of {found.artifacts} others"
    click.echo(f"{found.runs} runs {verb} deleted, {logs} and {files}")
