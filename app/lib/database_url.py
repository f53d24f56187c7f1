"""The URL of a database, composed of what the original asks for one by one."""

import re
from urllib.parse import quote, urlencode

from app.lib.settings import SettingError

DRIVERS = {
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mysql+pymysql",
}
# As SQLAlchemy reads it, which takes 20 MB: who only starts others has no use for the rest of it.
HOST = re.compile(
    r"[\w+]+://(?:[^:/]*(?::[^@]*)?@)?(?:\[([^/?]+)\]|([^/:?]+))?(?::(?P<port>[^/?]*))?"
)
SOCKET = {"postgres": "host", "mysql": "unix_socket"}  # what a driver calls the path of a socket
OF_THE_GO_DRIVER = {"parseTime", "interpolateParams"}  # without a meaning for ours


def compose(
    dialect: str, host: str, name: str, *, user: str, password: str, options: dict[str, str]
) -> str:
    """Return the URL of a database of PostgreSQL or MySQL.

    `host` may carry a port, or be the path of a socket (PostgreSQL: of its directory). `options`
    are libpq's for PostgreSQL.
    """
    if host.startswith("/"):
        options, host = options | {SOCKET[dialect]: host}, ""
    if dialect == "mysql":
        options = {k: v for k, v in options.items() if k not in OF_THE_GO_DRIVER}
    login = quote(user, safe="") + (f":{quote(password, safe='')}" if password else "")
    query = f"?{urlencode(options)}" if options else ""
    return f"{dialect}://{login}{'@' if login else ''}{host}/{name}{query}"


def with_driver(url: str) -> str:
    """Return a URL as SQLAlchemy wants it, with the driver that is installed.

    Raises SettingError, which tells nothing of the URL, for databases that are not supported.
    """
    kind, found, rest = url.partition("://")
    if not found or kind not in {"sqlite", *DRIVERS, *DRIVERS.values()}:
        raise SettingError("DATABASE_URL: begins with sqlite:///, postgresql:// or mysql://")
    return f"{DRIVERS.get(kind, kind)}://{rest}"


def host(url: str) -> str | None:
    """Return the host that a URL with a driver names, if any.

    Raises SettingError, which tells nothing of the URL, for what is none.
    """
    found = HOST.match(url)
    if not found or not (found["port"] or "0").isdecimal():
        raise SettingError("DATABASE_URL: is not a URL of a database")
    return found[1] or found[2]
