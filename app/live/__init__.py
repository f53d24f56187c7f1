"""WebSockets: the page's own, and the original's JSON messages."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Nothing is registered yet."""
