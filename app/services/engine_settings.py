"""What this server decides for every run, from its settings."""

from pathlib import Path

from sqlalchemy import URL

from app.config import Config
from app.db import db
from app.executors.machine import EngineSettings, Isolation
from app.extensions import settings
from app.services import apps

# The database and what SQLite keeps beside it.
ENDINGS = ("", "-wal", "-shm", "-journal")


def of_server(app: str = "") -> EngineSettings:
    """The settings as an executor takes them, with the program that is set for the app."""
    config, program = settings(), apps.find(app) if app else None
    return EngineSettings(
        data_dir=config.DATA_DIR.resolve(),
        forwarded_env_vars=tuple(config.FORWARDED_ENV_VARS),
        env_vars=config.ENV_VARS,
        git_attempts=config.GIT_ATTEMPTS,
        local_repositories=tuple(Path(path) for path in config.LOCAL_REPOSITORIES),
        stop_grace=config.STOP_GRACE,
        host_keys=config.SSH_HOST_KEYS,
        isolation=isolation(config),
        artifacts=max(0, config.ARTIFACTS_MB) << 20,
        app_path=program.path if program else "",
        app_args=(program.args if program else ()) or None,
    )


def isolation(config: Config) -> Isolation:
    """How far tasks are kept from this server, and which of its files they are kept from."""
    return Isolation(
        mode=config.TASK_ISOLATION,
        hidden=(
            *config.files,
            *database_files(db.engine.url),
            Path(".env").resolve(),
            *map(Path, config.TASK_HIDDEN),
        ),
        writable=tuple(map(Path, config.TASK_WRITABLE)),
        user=config.TASK_USER,
    )


def database_files(url: URL) -> list[Path]:
    """SQLite's files, which a setting may have put outside of the data directory."""
    if url.get_backend_name() != "sqlite" or not url.database:
        return []
    return [Path(f"{url.database}{ending}").resolve() for ending in ENDINGS]
