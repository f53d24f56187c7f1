"""What our code needs in every process: settings, database, keys, Redis."""

from typing import Any

from flask import Flask

from app.boot import open_keyring, prepare
from app.config import Config
from app.db import db, engine_options, tune
from app.extensions import redis
from app.services import apps


def ready(config: Config | None) -> Config:
    """The settings, by default those that Config.load() finds, with what is made at the start.

    Raises SettingError for what is wrong with them.
    """
    config = prepare(config or Config.load())
    apps.configured(config)  # what is wrong with it is said before anything runs
    return config


def create_core(config: Config) -> Flask:
    """An application that answers no requests: without pages and API it takes 10 MB less."""
    app = Flask(__name__, static_folder=None)
    equip(app, ready(config))
    return app


def equip(app: Flask, config: Config) -> None:
    """Give an application what services ask of the current one."""
    app.config.from_mapping(_settings(config))
    db.init_app(app)
    with app.app_context():
        tune(db.engine, config.SQLITE_BUSY_MS)
    app.extensions["keyring"] = open_keyring(config)
    redis.init_app(app)


def _settings(config: Config) -> dict[str, Any]:
    return {
        "HELIOGRAPH": config,
        "SECRET_KEY": config.SECRET_KEY,
        "TESTING": config.TESTING,
        "SQLALCHEMY_DATABASE_URI": config.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options(config.database_url, config.DB_POOL_SIZE),
    }
