"""How somebody begins on a new server: the address of its set-up page, with the token in it."""

import hashlib
import hmac
import socket

from app.config import Config

EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104  addresses that stand for all of a machine's


def token(secret_key: str) -> str:
    """What proves that somebody reads this server's output; the same until SECRET_KEY changes."""
    return hmac.new(secret_key.encode(), b"setup", hashlib.sha256).hexdigest()[:32]


def is_token(given: str, secret_key: str) -> bool:
    """Whether somebody has typed the token; spaces around it do not count."""
    return hmac.compare_digest(given.strip().encode(), token(secret_key).encode())


def address(config: Config) -> str:
    """Where a browser finds this server, without a slash at the end."""
    host, port = config.bind
    here = f"{socket.gethostname()}:{port}" if host in EVERYWHERE else config.listen
    return config.WEB_HOST.rstrip("/") or f"http://{here}"


def setup_address(config: Config) -> str:
    """The set-up page's address; it lets its reader take the server over: print, never log it."""
    return f"{address(config)}/setup?token={token(config.SECRET_KEY)}"
