"""Commands for the terminal: parse, call a service, print."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Nothing is registered yet."""
