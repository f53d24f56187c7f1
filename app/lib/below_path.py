"""Answer below a path of a host, whether the proxy in front takes the path away or not."""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit


class BelowPath:
    """A WSGI application whose addresses begin with `prefix`, such as "/heliograph".

    Requests are understood with and without it; links always have it.
    """

    def __init__(self, app: Callable[..., Iterable[bytes]], prefix: str) -> None:
        self._app, self._prefix = app, prefix

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if f"{path}/".startswith(f"{self._prefix}/"):
            environ["PATH_INFO"] = path[len(self._prefix) :] or "/"
        environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME") or self._prefix
        return self._app(environ, start_response)


def path_of(address: str) -> str:
    """The path of a public address without its last slash; "" if it has none."""
    return urlsplit(address).path.rstrip("/")
