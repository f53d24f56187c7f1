"""All that pages know of HTMX: whose request it is, and how to answer it.

A view names the block that a fragment consists of; the client never does.
"""

import json
from typing import Any

from flask import Flask, Response, current_app, flash, make_response, request
from flask import redirect as see_other


def init_app(app: Flask) -> None:
    app.jinja_env.globals["is_partial"] = is_partial


def is_partial() -> bool:
    """Whether HTMX asks for a block. A boosted link or a history miss wants the whole page."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-Boosted") != "true"
        and headers.get("HX-History-Restore-Request") != "true"
    )


def render(template: str, /, *, block: str | None = None, **context: Any) -> Response:
    """The page; for HTMX only the named block of it, from the same context.

    What the template sets or imports outside its blocks does not exist in a block alone.
    """
    if block is None or not is_partial():
        return make_response(_render(template, None, context))
    return make_response(_render(template, block, context))


def _render(name: str, block: str | None, context: dict[str, Any]) -> str:
    current_app.update_template_context(context)
    template = current_app.jinja_env.get_template(name)
    if block is None:
        return template.render(context)
    return "".join(template.blocks[block](template.new_context(context)))


def done(plural: str, text: str, url: str) -> Response:
    """Answer a change that was made: the sheet closes, lists of `plural` reload, a toast says so.

    Without HTMX the answer leads to `url`, where the toast is shown.
    """
    if not is_partial():
        flash(text, "ok")
        return make_response(see_other(url, 303))
    events = {"sheet:close": 1, "dialog:close": 1, f"refresh:{plural}": 1}
    return announce(Response(status=204), toast={"text": text, "kind": "ok"}, **events)


def redirect(url: str, text: str = "") -> Response:
    """Lead the whole page to `url`; `text` becomes a toast there."""
    if text:
        flash(text, "ok")
    if is_partial():
        return Response(status=204, headers={"HX-Redirect": url})
    return make_response(see_other(url, 303))


def announce(response: Response, **events: Any) -> Response:
    """Add events that HTMX triggers in the page: announce(r, toast={"text": …, "kind": "ok"})."""
    known = json.loads(response.headers.get("HX-Trigger", "{}"))
    response.headers["HX-Trigger"] = json.dumps(known | events)
    return response
