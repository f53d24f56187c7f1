"""The sheets and questions that open over a page, and lead back to it."""

from typing import Any

from flask import Response

from app.web import hx


class Dialogs:
    """Those of one page. Their templates get its address as `at`, and what is `shown` in all."""

    def __init__(self, at: str, plural: str, **shown: Any) -> None:
        self._plural = plural  # of what is listed there, which reloads after a change
        self._at, self._shown = at, shown

    def sheet(self, template: str, **found: Any) -> Response:
        """A form to fill in."""
        return hx.render(template, block="form", at=self._at, **self._shown, **found)

    def question(self, template: str, **found: Any) -> Response:
        """What is asked before something is done."""
        return hx.render(template, block="dialog", at=self._at, **self._shown, **found)

    def done(self, text: str) -> Response:
        """The answer to a change that was made."""
        return hx.done(self._plural, text, self._at)
