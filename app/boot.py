"""What must be there before the application is made: data directory, keys, usable settings."""

import logging
import os
import secrets
import sqlite3
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

from app import logs
from app.config import Config, unknown_names
from app.lib import database_url
from app.lib.embedded_redis import EmbeddedRedis
from app.lib.keyring import Keyring, KeyringError
from app.lib.private_file import create_once
from app.lib.settings import SettingError

logger = logging.getLogger(__name__)

HERE = (None, "", "localhost", "127.0.0.1", "::1")  # hosts of a database on this machine
HINT = "flask generate-keys prints them"


def prepare(config: Config) -> Config:
    """Return the settings with what is generated or found filled in.

    Raises SettingError with one clear line for what is missing or unusable.
    """
    logs.init(config.LOG_LEVEL, config.LOG_FORMAT)
    for name in unknown_names(os.environ):
        logger.warning("unknown setting ignored", extra={"setting": name})
    _require_shared_keys(config)
    config.DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    _keep_private(config.DATA_DIR / "heliograph.db")
    if not config.SECRET_KEY:
        config = replace(config, SECRET_KEY=_generated_key(config))
    if not config.REDIS_URL:
        config = replace(config, REDIS_URL=EmbeddedRedis(config.DATA_DIR / "redis").url)
    return config


def _keep_private(database: Path) -> None:
    """Our SQLite file is nobody else's to read, also where the directory lets tasks' user pass."""
    for path in (database, Path(f"{database}-wal"), Path(f"{database}-shm")):
        with suppress(FileNotFoundError):
            path.chmod(0o600)


def open_keyring(config: Config) -> Keyring:
    """The keys that secrets are encrypted with; the file is made at the first start.

    Raises SettingError also if it got lost: a new one would hide that until a task needs a secret.
    """
    path = config.DATA_DIR / "keyring.json"
    if not (config.ACCESS_KEY_ENCRYPTION or path.exists()) and _has_secrets(config):
        raise SettingError(
            f"{path} is missing, but the database holds secrets: restore it from the backup"
        )
    try:
        return Keyring.open(path, config.ACCESS_KEY_ENCRYPTION)
    except KeyringError as error:
        raise SettingError(str(error)) from error


def _has_secrets(config: Config) -> bool:
    """Asked of our own SQLite file only: it lies beside the keyring and may outlive it."""
    database = quote(str(config.DATA_DIR.resolve() / "heliograph.db"))
    query = "SELECT 1 FROM access_key WHERE secret LIKE 'v1.%' LIMIT 1"
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as opened:
            return opened.execute(query).fetchone() is not None
    except sqlite3.Error:  # no file or no table yet
        return False


def _require_shared_keys(config: Config) -> None:
    """Where processes do not share a disk, generated keys would differ from one to the other."""
    if "DYNO" in os.environ:
        reason = "DYNO is set, so nothing on this disk is shared or kept"
    elif database_url.host(config.database_url) not in HERE:
        reason = "The database is not on this machine"
    else:
        return
    needed = {
        "SECRET_KEY": config.SECRET_KEY,
        "SEMAPHORE_ACCESS_KEY_ENCRYPTION": config.ACCESS_KEY_ENCRYPTION,
        "REDIS_URL": config.REDIS_URL,
    }
    missing = ", ".join(name for name, value in needed.items() if not value)
    if missing:
        raise SettingError(f"{reason}: set {missing} ({HINT})")


def _generated_key(config: Config) -> str:
    return create_once(config.DATA_DIR / "secret_key", secrets.token_urlsafe(48))
