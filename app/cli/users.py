"""flask user …: who may sign in. It needs the database only: no server, no Redis."""

import sys
from collections.abc import Callable
from typing import Any

import click
from flask.cli import AppGroup
from pydantic import ValidationError

from app.cli.refusals import one_line
from app.db import transaction
from app.errors import Invalid
from app.models import User
from app.schemas.users import PersonChange, PersonIn, UserChange
from app.services import auth, users

group = AppGroup("user", help="Add, change, show and delete the people who sign in.")

KEPT = ("username", "name", "email", "alert")
ASK = "-"  # as a password: ask for it, or read it from standard input


def options(command: Callable[..., None]) -> Callable[..., None]:
    """The options that all changing commands know."""
    for option in (
        click.option("--admin", is_flag=True, help="Give the rights of an administrator."),
        click.option("--password", help=f"Password; {ASK} asks for it or reads standard input."),
        click.option("--email", help="E-mail address."),
        click.option("--name", help="Name, as others see it."),
        click.option("--login", help="Username."),
    ):
        command = option(command)
    return command


@group.command("add")
@options
@click.option("--external", is_flag=True, help="Signs in elsewhere; has no password here.")
@one_line
def add(
    login: str | None,
    name: str | None,
    email: str | None,
    password: str | None,
    admin: bool,
    external: bool,
) -> None:
    """Add a user. Without --password it is asked for."""
    _need(login=login, name=name, email=email)
    if external and password is not None:
        raise click.ClickException("--external and --password exclude each other")
    data = _checked(
        PersonIn, username=login, name=name, email=email, admin=admin, external=external
    )
    hashed = "" if external else _hashed(_password(password or ASK))
    with transaction():
        users.create(data, actor=None, hashed=hashed)
    click.echo(f"User {data.username} was added")


@group.command("change-by-login")
@options
@one_line
def change_by_login(login: str | None, email: str | None, **given: Any) -> None:
    """Change the user with this --login; what is not given stays."""
    _need(login=login)
    _change(login, None, email=email, **given)


@group.command("change-by-email")
@options
@one_line
def change_by_email(login: str | None, email: str | None, **given: Any) -> None:
    """Change the user with this --email; what is not given stays."""
    _need(email=email)
    _change(None, email, username=login, **given)


@group.command("get")
@click.option("--login", help="Username.")
@click.option("--email", help="E-mail address.")
@one_line
def get(login: str | None, email: str | None) -> None:
    """Show one user."""
    user = _user(login, email)
    for label, value in (
        ("id", user.id),
        ("created", f"{user.created:%Y-%m-%dT%H:%M:%SZ}"),
        ("login", user.username),
        ("name", user.name),
        ("email", user.email),
        ("admin", "yes" if user.admin else "no"),
    ):
        click.echo(f"{label + ':':<9}{value}")


@group.command("list")
@one_line
def list_all() -> None:
    """List the usernames."""
    for user in users.list_all():
        click.echo(user.username)


@group.command("delete")
@click.option("--login", help="Username.")
@click.option("--email", help="E-mail address.")
@one_line
def delete(login: str | None, email: str | None) -> None:
    """Delete a user with memberships, tokens and sessions."""
    with transaction():
        user = _user(login, email)
        username = user.username
        users.delete(user.id, actor=None)
    click.echo(f"User {username} was deleted")


def _change(*by: str | None, password: str | None, admin: bool, **given: str | None) -> None:
    """Rights can be given here, not taken; a new password ends the user's sessions."""
    new = _checked(PersonChange, **given).model_dump(exclude_none=True)
    hashed = _hashed(_password(password)) if password is not None else ""
    with transaction():
        user = _user(*by)
        username = user.username
        values = {name: getattr(user, name) for name in KEPT}
        data = _checked(UserChange, **values | new | {"admin": admin or user.admin})
        users.update(user.id, data, actor=None, hashed=hashed)
    click.echo(f"User {username} was changed")


def _user(login: str | None, email: str | None) -> User:
    if not login and not email:
        raise click.ClickException("Name the user with --login or --email")
    names = [name for name in (login, email) if name]
    found = [users.find(name) for name in names]
    user = found[0]
    if user is None or any(other is not user for other in found):
        raise click.ClickException(f"There is no user {' '.join(names)}")
    return user


def _need(**given: str | None) -> None:
    missing = [f"--{name}" for name, value in given.items() if not value]
    if missing:
        raise click.ClickException(f"{', '.join(missing)} must be given")


def _password(given: str) -> str:
    """A password on the command line is seen by others; the other two ways are not."""
    if given != ASK:
        return given
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")


def _hashed(password: str) -> str:
    return auth.hash_password(_checked(PersonChange, password=password).password)


def _checked(schema: type[Any], **values: Any) -> Any:
    try:
        return schema.model_validate(values)
    except ValidationError as error:
        raise Invalid.from_pydantic(error) from error
