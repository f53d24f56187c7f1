"""The gallery of components, for those who work on the pages. Only a development server has it."""

from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from flask import Blueprint, Flask, render_template

from app.guard import PUBLIC, requires

bp = Blueprint("dev", __name__, url_prefix="/dev")


class Day(NamedTuple):
    date: date
    good: int
    bad: int


def init_app(app: Flask) -> None:
    if app.config["HELIOGRAPH"].DEV:
        app.register_blueprint(bp)


@bp.get("/ui")
@requires(PUBLIC, transaction=False)
def ui():
    """Every component in every state, made by the macros that pages use."""
    now = datetime.now(UTC)
    first = now.date() - timedelta(days=29)
    days = [Day(first + timedelta(days=n), n * 7 % 11, n % 5 == 3) for n in range(30)]
    return render_template("dev/ui.html", now=now, days=days, hour=timedelta(hours=1))
