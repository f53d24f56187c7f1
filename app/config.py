"""Every setting: its name, type, default, where it may come from, and what it means. Those of
runs are in task_settings.py.

Precedence: a flag given to the program, the platform's variable (PORT, DATABASE_URL, REDIS_URL),
SEMAPHORE_* or HELIOGRAPH_*, config.json, the data directory's own files, the default.
"""

import os
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any, Self, get_type_hints

from app.lib import config_file, database_url, zones
from app.lib.settings import SettingError, one_of, parse, setting, web_origins, within
from app.task_settings import TaskSettings

CONFIG_FILES = ("config.json", "/usr/local/etc/semaphore/config.json", "/etc/semaphore/config.json")

LEVELS = {"WARN": "WARNING", "FATAL": "CRITICAL", "PANIC": "CRITICAL"}  # the original's words


@dataclass(frozen=True)
class Config(TaskSettings):
    """The settings of one process. `Config.load()` reads and checks them, once, at boot."""

    DATA_DIR: Path = setting(
        Path("instance"), "HELIOGRAPH_DATA_DIR", key="data_dir",
        doc="Where database, keys, clones and workspaces are kept when no server is configured",
    )  # fmt: skip
    SECRET_KEY: str = setting(
        "", "SECRET_KEY", "HELIOGRAPH_SECRET_KEY", "SEMAPHORE_SECRET_KEY", secret=True,
        doc="Signs sessions and tokens; generated into the data directory when not given",
    )  # fmt: skip
    ACCESS_KEY_ENCRYPTION: str = setting(
        "", "SEMAPHORE_ACCESS_KEY_ENCRYPTION", key="access_key_encryption", secret=True,
        doc="Base64 of 32 bytes: the active encryption key, then older ones after commas",
    )  # fmt: skip
    DATABASE_URL: str = setting(
        "", "DATABASE_URL", "HELIOGRAPH_DATABASE_URL", secret=True,
        doc="Database as a URL: sqlite:///, postgresql:// or mysql://; default: SQLite",
    )  # fmt: skip
    DB_DIALECT: str = setting(
        "", "SEMAPHORE_DB_DIALECT", key="dialect",
        check=one_of("sqlite", "postgres", "mysql"),
        doc="sqlite, postgres or mysql, with the six settings below, instead of a URL",
    )  # fmt: skip
    DB_HOST: str = setting(
        "", "SEMAPHORE_DB_HOST", key="%.host", doc="Host of the database, with :port"
    )
    DB_NAME: str = setting(
        "semaphore", "SEMAPHORE_DB_NAME", "SEMAPHORE_DB", key="%.name", doc="Name of the database"
    )
    DB_USER: str = setting("", "SEMAPHORE_DB_USER", key="%.user", doc="User of the database")
    DB_PASS: str = setting(
        "", "SEMAPHORE_DB_PASS", key="%.pass", doc="Password of that user", secret=True
    )
    DB_PORT: str = setting("", "SEMAPHORE_DB_PORT", doc="Port, where the host names none")
    DB_OPTIONS: dict[str, str] = setting(
        {}, "SEMAPHORE_DB_OPTIONS", key="%.options",
        doc="Options of the connection as a JSON object, for PostgreSQL such as sslmode",
    )  # fmt: skip
    DB_POOL_SIZE: int = setting(
        5, "DB_POOL_SIZE", "HELIOGRAPH_DB_POOL_SIZE", doc="Database connections a process may hold"
    )
    REDIS_URL: str = setting(
        "", "REDIS_URL", "HELIOGRAPH_REDIS_URL", secret=True,
        doc="Redis or Valkey as a URL; without it one is started on a private socket",
    )  # fmt: skip
    REDIS_TLS_INSECURE: bool = setting(
        False, "HELIOGRAPH_REDIS_TLS_INSECURE", doc="Accept a self-signed certificate of rediss://"
    )
    PORT: int = setting(
        3000, "PORT", "SEMAPHORE_PORT", key="port", check=within(1, 65535),
        doc="Port of the web server",
    )  # fmt: skip
    INTERFACE: str = setting(
        "", "SEMAPHORE_INTERFACE", key="interface",
        doc="Address to listen on; default 127.0.0.1, or 0.0.0.0 when the platform gives PORT",
    )  # fmt: skip
    WEB_HOST: str = setting(
        "", "SEMAPHORE_WEB_ROOT", "SEMAPHORE_WEB_HOST", key="web_host",
        doc="Public address of this server, for links; its path is the one that it answers below",
    )  # fmt: skip
    WEB_CONCURRENCY: int = setting(
        1, "WEB_CONCURRENCY", check=within(1, 1000),
        doc="Web processes; more than one only with a database server",
    )  # fmt: skip
    PROXY_HOPS: int = setting(
        0, "HELIOGRAPH_PROXY_HOPS", doc="Trusted proxies in front, whose X-Forwarded-* count"
    )
    SCHEDULE_TIMEZONE: str = setting(
        "UTC", "SEMAPHORE_SCHEDULE_TIMEZONE", key="schedule.timezone", check=zones.checked,
        doc="Time zone of the schedules that name none, such as Europe/Prague",
    )  # fmt: skip
    NON_ADMIN_CAN_CREATE_PROJECT: bool = setting(
        False, "SEMAPHORE_NON_ADMIN_CAN_CREATE_PROJECT", key="non_admin_can_create_project",
        doc="Every user may create projects, not only administrators",
    )  # fmt: skip
    TEAMS_MEMBERS_CAN_LEAVE: bool = setting(
        True, "SEMAPHORE_TEAMS_MEMBERS_CAN_LEAVE", key="teams.members_can_leave",
        doc="Members may leave a project by themselves",
    )  # fmt: skip
    PASSWORD_LOGIN_DISABLE: bool = setting(
        False, "SEMAPHORE_PASSWORD_LOGIN_DISABLED", key="password_login_disable",
        doc="Sign-in pages offer no password form; passwords that are sent still work",
    )  # fmt: skip
    SECURE_COOKIES: bool = setting(
        False, "HELIOGRAPH_SECURE_COOKIES", doc="Cookies are Secure even where nothing says HTTPS"
    )
    CORS_ORIGINS: list[str] = setting(
        [], "HELIOGRAPH_CORS_ORIGINS", key="cors_origins", check=web_origins,
        doc="Origins whose pages may use the API with a token, as a JSON list; * for all",
    )  # fmt: skip
    INTEGRATION_ALIAS: str = setting(
        "", "SEMAPHORE_INTEGRATION_ALIAS", "SEMAPHORE_GLOBAL_INTEGRATION_ALIAS",
        key="global_integration_alias",
        doc="An address of webhooks that is offered to the searchable integrations of all projects",
    )  # fmt: skip
    ADMIN: str = setting("", "SEMAPHORE_ADMIN", doc="Username of the first administrator")
    ADMIN_NAME: str = setting("", "SEMAPHORE_ADMIN_NAME", doc="His name")
    ADMIN_EMAIL: str = setting("", "SEMAPHORE_ADMIN_EMAIL", doc="His e-mail address")
    ADMIN_PASSWORD: str = setting("", "SEMAPHORE_ADMIN_PASSWORD", doc="His password", secret=True)
    LOG_LEVEL: str = setting(
        "INFO", "SEMAPHORE_LOG_LEVEL", doc="DEBUG, INFO, WARNING or ERROR",
        check=one_of("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL", also=LEVELS),
    )  # fmt: skip
    LOG_FORMAT: str = setting(
        "text", "HELIOGRAPH_LOG_FORMAT", check=one_of("text", "json"),
        doc="text or json, on standard error",
    )  # fmt: skip
    DEV: bool = setting(False, "HELIOGRAPH_DEV", doc="Serve the component gallery /dev/ui")
    SQLITE_BUSY_MS: int = setting(
        200, doc="How long SQLite waits for a lock; the programs set it, not the user"
    )
    TESTING: bool = setting(False, doc="Set by the tests")
    origins: dict[str, str] = field(default_factory=dict, repr=False)
    files: tuple[Path, ...] = field(default=(), repr=False)  # that were read, secrets among them

    @classmethod
    def load(cls, env: Mapping[str, str] | None = None, **flags: Any) -> Self:
        """Read all sources and check every value.

        `env` defaults to the process's environment; `flags` are settings given on the command
        line. Raises SettingError with one line that names the setting and what is allowed.
        """
        env = os.environ if env is None else env
        file, path = config_file.find(env, CONFIG_FILES)
        file = config_file.with_database(file, path, env.get("SEMAPHORE_DB_DIALECT", ""))
        values, origins = {}, {}
        types = get_type_hints(cls)
        for item in fields(cls):
            found = _find(item.name, item.metadata, flags, env, file, path)
            if found is not None:
                raw, origins[item.name] = found
                values[item.name] = _checked(origins[item.name], raw, types[item.name], item)
        secrets = [env[name] for name in origins.values() if name.endswith("_FILE")]
        files = tuple(Path(name).resolve() for name in (path, *secrets) if name)
        return cls(**values, origins=origins, files=files)._consistent()

    def _consistent(self) -> Self:
        """Refuse what is right by itself, but not together. Returns the same."""
        if self.database_url.startswith("sqlite") and self.WEB_CONCURRENCY > 1:
            name = self.origins.get("WEB_CONCURRENCY", "WEB_CONCURRENCY")
            raise SettingError(f"{name}: more than one web process needs a database server")
        return self

    @property
    def database_url(self) -> str:
        """The database as SQLAlchemy wants it, with the driver that is installed."""
        return database_url.with_driver(self.DATABASE_URL or self._composed_url())

    def _composed_url(self) -> str:
        if self.DB_DIALECT in ("", "sqlite"):
            return f"sqlite:///{self.DATA_DIR.resolve()}/heliograph.db"
        host = self.DB_HOST + (f":{self.DB_PORT}" if self.DB_PORT else "")
        return database_url.compose(
            self.DB_DIALECT,
            host,
            self.DB_NAME,
            user=self.DB_USER,
            password=self.DB_PASS,
            options=self.DB_OPTIONS,
        )

    @property
    def bind(self) -> tuple[str, int]:
        """Address and port of the web server."""
        platform = self.origins.get("PORT") == "PORT"
        return self.INTERFACE or ("0.0.0.0" if platform else "127.0.0.1"), self.PORT  # noqa: S104

    @property
    def listen(self) -> str:
        """The same as one text, as it stands in a URL: 127.0.0.1:3000, [::1]:3000."""
        host, port = self.bind
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _checked(origin: str, raw: Any, wanted: Any, item: Field[Any]) -> Any:
    value, check = parse(origin, raw, wanted), item.metadata.get("check")
    try:
        return check(value) if check else value
    except ValueError as error:
        raise SettingError(f"{origin}: {value!r} {error}") from error


def _find(
    name: str,
    meta: Mapping[str, Any],
    flags: Mapping[str, Any],
    env: Mapping[str, str],
    file: Mapping[str, Any],
    path: str,
) -> tuple[Any, str] | None:
    """The value of one setting and where it came from."""
    if flags.get(name.lower()) is not None:
        return flags[name.lower()], f"--{name.lower().replace('_', '-')}"
    for variable in meta.get("names", ()):
        if env.get(variable):
            return env[variable], variable
        if meta["secret"] and env.get(f"{variable}_FILE"):
            return config_file.read_secret(env[f"{variable}_FILE"], variable), f"{variable}_FILE"
    found = config_file.lookup(file, meta.get("key") or "")
    return None if found is None else (found, f"{path}: {meta['key']}")


def unknown_names(env: Mapping[str, str]) -> list[str]:
    """SEMAPHORE_* and HELIOGRAPH_* variables that no setting reads: probably misspelt."""
    known = {n for f in fields(Config) for n in f.metadata.get("names", ())}
    known |= {f"{n}_FILE" for n in known} | {"SEMAPHORE_CONFIG_PATH"}
    return sorted(n for n in env if n.startswith(("SEMAPHORE_", "HELIOGRAPH_")) and n not in known)
