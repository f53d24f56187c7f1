"""What commands say when they are refused: one line on standard error, exit code 1."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click
from sqlalchemy.exc import IntegrityError, OperationalError

from app.errors import DomainError, Invalid
from app.integrity import refusal
from app.lib.settings import SettingError


def one_line(command: Callable[..., None]) -> Callable[..., None]:
    """Turn what the domain or the database refuses into a line."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except IntegrityError as error:
            raise click.ClickException(said(refusal(error))) from error
        except OperationalError as error:
            reason = str(error.orig).splitlines()[0]
            raise click.ClickException(f"The database does not answer: {reason}") from error
        except SettingError as error:
            raise click.ClickException(str(error)) from error
        except DomainError as error:
            raise click.ClickException(said(error)) from error

    return run


def said(error: DomainError) -> str:
    """The refusal; fields by the names of their options."""
    if not isinstance(error, Invalid):
        return str(error)
    names = {"username": "login"}
    return "; ".join(f"--{names.get(f, f)}: {why}" for f, why in error.fields.items())
