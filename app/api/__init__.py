"""The REST API: one blueprint for each entity, paths and names as the original's."""

from flask import Flask

from app.api import ping

BLUEPRINTS = (ping.bp,)


def init_app(app: Flask) -> None:
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint, url_prefix=f"/api{blueprint.url_prefix or ''}")
