"""Pages: one blueprint for each entity."""

from flask import Flask

from app.web import assets, components, dev, headers, health, help, hx, nav

BLUEPRINTS = (health.bp, help.bp)


def init_app(app: Flask) -> None:
    for part in (assets, components, hx, nav, headers, dev):
        part.init_app(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
