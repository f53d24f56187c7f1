"""The application of the tests' server process: it asks for rights more often than each 25 s."""

from app.live import api_ws, rights

rights.EVERY = api_ws.EVERY = 0.25

from wsgi import app  # noqa: E402

__all__ = ["app"]
