"""What an integration got: the log, one delivery, sending it again, trying a made-up one."""

import json
from typing import Any
from urllib.parse import parse_qsl

from flask import Blueprint, Response, request, url_for
from flask_login import current_user

from app.guard import Permission, requires
from app.lib.json_path import MISSING
from app.models import Integration, IntegrationDelivery, Project, Verdict
from app.services import integration_deliveries, integrations, webhook_senders, webhooks
from app.services.webhook_values import Received
from app.urls import number
from app.web import hx
from app.web.rights import rights

bp = Blueprint("deliveries", __name__, url_prefix="/<id:integration_id>")

# Verdict -> the status it is shown with, and what it is called.
SHOWN = {
    Verdict.STARTED: ("success", "Started"),
    Verdict.SKIPPED: ("stopped", "Skipped"),
    Verdict.DUPLICATE: ("stopped", "Repeated"),
    Verdict.LIMITED: ("waiting_confirmation", "Too many"),
    Verdict.UNMATCHED: ("stopped", "Not for it"),
    Verdict.UNAUTHORISED: ("error", "Not let in"),
    Verdict.REFUSED: ("error", "Refused"),
}


@bp.get("/deliveries")
@requires(Permission.MANAGE_RESOURCES)
def index(project: Project, integration_id: int):
    row = integrations.get(project, integration_id)
    page = integration_deliveries.list_for(row, before=number("before"), after=number("after"))
    return hx.render(
        "integrations/deliveries.html", block="rows", page=page, **_names(project, row)
    )


@bp.get("/deliveries/<id:delivery_id>")
@requires(Permission.MANAGE_RESOURCES)
def show(project: Project, integration_id: int, delivery_id: int):
    row = integrations.get(project, integration_id)
    delivery = integration_deliveries.get(row, delivery_id)
    return hx.render(
        "integrations/delivery.html",
        delivery=delivery,
        body=_readable(delivery),
        unread=_unread(row, integration_deliveries.received(delivery)),
        **_names(project, row),
    )


@bp.post("/deliveries/<id:delivery_id>/replay")
@requires(Permission.MANAGE_RESOURCES)
def replay(project: Project, integration_id: int, delivery_id: int):
    """On to the delivery that it becomes, which says what came of it."""
    row = integrations.get(project, integration_id)
    again = webhooks.replay(integration_deliveries.get(row, delivery_id), actor=current_user)
    url = url_for(".show", project_id=project.id, integration_id=row.id, delivery_id=again.id)
    return hx.redirect(url, "Sent again")


@bp.get("/test")
@requires(Permission.MANAGE_RESOURCES)
def ask(project: Project, integration_id: int):
    row = integrations.get(project, integration_id)
    sender = webhook_senders.of(row)
    headers = "\n".join(f"{name}: {value}" for name, value in sender.headers.items())
    return _test_page(project, row, headers, sender.example)


@bp.post("/test")
@requires(Permission.MANAGE_RESOURCES)
def test(project: Project, integration_id: int):
    """What the rules would make of a request; nothing is started."""
    row = integrations.get(project, integration_id)
    headers, body = request.form.get("headers", ""), request.form.get("body", "")
    query = dict(reversed(parse_qsl(request.form.get("query", "").lstrip("?"), True)))
    lines = [line for line in headers.splitlines() if line.strip()]
    if strange := next((line for line in lines if ":" not in line), None):
        why = f"“{strange.strip()[:80]}” is no header: write Name: value"
        return _test_page(project, row, headers, body, errors={"headers": why}), 422
    parts = (line.partition(":") for line in lines)
    given = {name.strip().lower(): value.strip() for name, _, value in parts}
    sent = Received("POST", given, query, body.encode())
    outcome, unread = webhooks.try_out(row, sent), _unread(row, sent)
    return _test_page(project, row, headers, body, outcome=outcome, unread=unread)


def _test_page(
    project: Project, row: Integration, headers: str, body: str, **more: Any
) -> Response:
    return hx.render(
        "integrations/test.html",
        block="form",
        headers=headers,
        body=body,
        query=request.form.get("query", ""),
        **{"outcome": None, "errors": {}} | more,
        **_names(project, row),
    )


def _names(project: Project, row: Integration) -> dict[str, Any]:
    return {"project": project, "integration": row, "shown": SHOWN, **rights()}


def _unread(row: Integration, sent: Received) -> str:
    """Why the rules that ask for a path in the body find nothing, if its form is the reason."""
    rules = [(rule.match_type, rule.body_data_type) for rule in row.matchers]
    rules += [(rule.value_source, rule.body_data_type) for rule in row.extract_values]
    if not any(source == "body" and kind != "string" for source, kind in rules):
        return ""
    if not sent.body or sent.json is not MISSING:
        return ""
    if sent.header("Content-Type").startswith("application/x-www-form-urlencoded"):
        return "It is a form: choose application/json as content type at its sender"
    return "Rules that ask for a path find nothing in it"


def _readable(delivery: IntegrationDelivery) -> str:
    """The body as a person reads it; what is no JSON stays as it came."""
    text = delivery.body.decode("utf-8", "replace")
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text
