"""What this server decides for every run, from its settings."""

from pathlib import Path

from app.config import Config
from app.executors.machine import EngineSettings, Isolation
from app.extensions import settings


def of_server() -> EngineSettings:
    """The settings as an executor takes them."""
    config = settings()
    return EngineSettings(
        data_dir=config.DATA_DIR.resolve(),
        forwarded_env_vars=tuple(config.FORWARDED_ENV_VARS),
        env_vars=config.ENV_VARS,
        git_attempts=config.GIT_ATTEMPTS,
        local_repositories=tuple(Path(path) for path in config.LOCAL_REPOSITORIES),
        stop_grace=config.STOP_GRACE,
        host_keys=config.SSH_HOST_KEYS,
        isolation=isolation(config),
    )


def isolation(config: Config) -> Isolation:
    """How far tasks are kept from this server, and which of its files they are kept from."""
    return Isolation(
        mode=config.TASK_ISOLATION,
        hidden=(*config.files, Path(".env").resolve(), *map(Path, config.TASK_HIDDEN)),
        writable=tuple(map(Path, config.TASK_WRITABLE)),
    )
