"""flask first-admin: the first administrator, before anybody opens a page."""

import click
from flask.cli import with_appcontext

from app.cli.refusals import one_line
from app.extensions import settings
from app.services import setup


@click.command("first-admin")
@with_appcontext
@one_line
def first_admin() -> None:
    """Create the administrator that SEMAPHORE_ADMIN names, or say where to set the server up."""
    created = setup.ensure_admin(settings())
    if created:
        click.echo(f"Administrator {settings().ADMIN} was created")
    elif address := setup.address():
        click.echo(f"Nobody can sign in yet. Open {address}")
    else:
        click.echo("There is an administrator already; nothing was changed")
