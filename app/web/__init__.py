"""Pages: one blueprint for each entity."""

from flask import Flask

from app.web import health

BLUEPRINTS = (health.bp,)


def init_app(app: Flask) -> None:
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
