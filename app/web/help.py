"""What helps to use the pages: the sheet of keyboard shortcuts."""

from flask import Blueprint

from app.guard import SIGNED_IN, requires
from app.web import hx

bp = Blueprint("help", __name__, url_prefix="/help")

SHORTCUTS = (
    (
        "Everywhere",
        (
            ("/", "Search field of the page"),
            ("g t", "Templates"),
            ("g r", "Runs"),
            ("g o", "Overview"),
            ("j k", "Next, previous row of the list"),
            ("Enter", "Open the row"),
            ("Ctrl Enter", "Send the form"),
            ("Esc", "Close what is on top, else clear the search"),
            ("?", "This sheet"),
        ),
    ),
    (
        "In a log",
        (
            ("n N", "Next, previous match"),
            ("e E", "Next, previous failed part"),
            ("f F", "Fold the part on top, fold all tasks"),
            ("G", "Go to the end and follow"),
            ("Home", "First line"),
            ("t", "Show times"),
            ("w", "Wrap lines"),
            ("y", "Copy the link"),
            ("Ctrl C", "Copy the selected lines"),
        ),
    ),
)


@bp.get("/shortcuts")
@requires(SIGNED_IN)
def shortcuts():
    return hx.render("help/shortcuts.html", block="dialog", shortcuts=SHORTCUTS)
