"""The application: what answers requests, and what the commands run in."""

from contextlib import suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from flask import Flask, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.middleware.proxy_fix import ProxyFix

from app import api, cli, cors, csrf, guard, http_errors, identity, live, logs, urls, web
from app.bodies import WholeBody
from app.collisions import retried
from app.config import Config
from app.core import equip, ready
from app.db import begin, db
from app.extensions import compress, login, sock
from app.lib.below_path import BelowPath, path_of
from app.lib.late import Late
from app.lib.settings import SettingError
from app.services import setup

MIGRATIONS = str(Path(__file__).parent / "migrations")


class Heliograph(Flask):
    """A Flask that runs each view in one transaction: returning commits, raising rolls back."""

    request_class = WholeBody
    url_rule_class = urls.LateRule

    def preprocess_request(self, *args: Any) -> Any:
        logs.request_id.set(logs.new_request_id())
        if request.endpoint and request.method not in csrf.SAFE and guard.wants_transaction():
            _receive()
            begin(write=True)  # before the guard reads: a read snapshot cannot be upgraded
        return super().preprocess_request(*args)

    def make_ready(self) -> None:
        """Before the first request: whoever SEMAPHORE_ADMIN names can sign in.

        The worker does the same, and says what is wrong with these settings. A database that is
        away hinders nobody to start: each request says so, until it is back.
        """
        with self.app_context(), suppress(SettingError, SQLAlchemyError):
            setup.ensure_admin(self.config["HELIOGRAPH"])

    def dispatch_request(self, *args: Any) -> Any:
        """A view marked `transaction=False` must not sit on the connection the guard has used."""
        if not guard.wants_transaction():
            db.session.remove()
            return super().dispatch_request(*args)
        return retried(partial(super().dispatch_request, *args), write=False)


def create_app(config: Config | None = None) -> Flask:
    """Make the application; `config` defaults to what Config.load() finds."""
    config = ready(config)
    app = Heliograph(__name__, static_folder=None, template_folder="../templates")
    app.config.from_mapping(_flask_settings(config))
    app.url_map.strict_slashes = False

    equip(app, config)
    urls.init_app(app)
    app.extensions["migrate"] = Late(partial(_migrate, app))
    login.init_app(app)
    identity.init_app(app)
    sock.init_app(app)
    compress.init_app(app)
    http_errors.init_app(app)
    cors.init_app(app)
    csrf.init_app(app)
    guard.init_app(app)
    for delivery in (web, api, live, cli):
        delivery.init_app(app)
    if prefix := path_of(config.WEB_HOST):
        app.wsgi_app = BelowPath(app.wsgi_app, prefix)  # type: ignore[method-assign]
    if config.PROXY_HOPS:
        hops = config.PROXY_HOPS
        app.wsgi_app = ProxyFix(app.wsgi_app, hops, hops, hops, hops, hops)  # type: ignore[method-assign]
    return app


def _migrate(app: Flask) -> Any:
    """What Flask-Migrate keeps of an application; it loads Alembic, 9 MB for a few commands."""
    migrate = import_module("flask_migrate").Migrate(render_as_batch=True, compare_type=True)
    migrate.init_app(app, db, directory=MIGRATIONS)
    return app.extensions["migrate"]


def _receive() -> None:
    """Read the whole body: who sends slowly must not hold SQLite's lock meanwhile.

    The API takes any content type for JSON, so that only a page's form is parsed here.
    """
    request.get_data(parse_form_data=not request.path.startswith("/api/"))


def _flask_settings(config: Config) -> dict[str, Any]:
    return {
        "SESSION_COOKIE_NAME": "heliograph_flash",  # only flash messages live in it
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PROVIDE_AUTOMATIC_OPTIONS": False,  # OPTIONS is as unknown as any method not routed
        "MAX_CONTENT_LENGTH": 16 * 1024 * 1024,
        "SOCK_SERVER_OPTIONS": {"ping_interval": 25, "max_message_size": 65536},
    }
