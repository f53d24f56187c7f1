"""flask generate-keys, or `python -m app.cli.keys` where the server cannot start without them."""

import base64
import secrets

import click


@click.command("generate-keys")
def generate_keys() -> None:
    """Print the keys that all processes of a server share, as settings. Keep them."""
    click.echo(f"SECRET_KEY={secrets.token_urlsafe(48)}")
    key = base64.b64encode(secrets.token_bytes(32)).decode()
    click.echo(f"SEMAPHORE_ACCESS_KEY_ENCRYPTION={key}")


if __name__ == "__main__":
    generate_keys()
