"""Integrations: what a request from outside starts. Their rules and deliveries are beside this."""

import json
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_login import current_user
from pydantic_core import from_json

from app.errors import NotFound
from app.guard import Permission, requires
from app.models import Integration, Project
from app.schemas.integrations import IntegrationIn
from app.services import (
    access_keys,
    integration_aliases,
    integration_deliveries,
    integrations,
    template_lists,
    webhook_senders,
)
from app.services.integration_auth import METHODS
from app.services.webhook_senders import Sender
from app.urls import form_number, public
from app.web import curl, hx, integration_rules, key_types
from app.web import integration_deliveries as delivery_pages
from app.web.forms import Form
from app.web.rights import rights

bp = Blueprint("integrations", __name__, url_prefix="/p/<id:project_id>/integrations")
bp.register_blueprint(integration_rules.bp)
bp.register_blueprint(delivery_pages.bp)

FIELDS = (
    "name", "template_id", "auth_method", "auth_secret_id", "auth_header", "searchable",
    "task_params", "when_waiting", "per_minute",
)  # fmt: skip
OF_PARAMS = "task_params."  # where a use case finds faults of them
WAITING = {
    "queue": "Start one more, which waits as well",
    "skip": "Start none",
    "replace": "Stop the one that waits, start a new one",
}


@bp.get("")
@requires(Permission.VIEW)
def index(project: Project):
    found = integrations.list_for(project)
    return hx.render(
        "integrations/list.html",
        block="rows",
        project=project,
        integrations=found,
        last=integration_deliveries.last_of(found),
        methods=METHODS,
        addresses=_addresses(project),
        **rights(),
    )


@bp.post("/address")
@requires(Permission.MANAGE_RESOURCES)
def add_address(project: Project):
    """An address that all searchable integrations are asked by."""
    integration_aliases.create(project, actor=current_user)
    return hx.done("integrations", "Address created", _list(project))


@bp.get("/address/<id:alias_id>/delete")
@requires(Permission.MANAGE_RESOURCES)
def confirm_delete_address(project: Project, alias_id: int):
    alias = integration_aliases.get(project, alias_id)
    return _confirm(project, alias.id, _list(project))


@bp.post("/address/<id:alias_id>/delete")
@requires(Permission.MANAGE_RESOURCES)
def delete_address(project: Project, alias_id: int):
    integration_aliases.delete(project, alias_id, actor=current_user)
    return hx.done("integrations", "Address deleted", _list(project))


@bp.get("/new")
@requires(Permission.MANAGE_RESOURCES)
def choose(project: Project):
    """Who sends: the form begins with what is right for that."""
    senders = webhook_senders.known().values()
    return hx.render("integrations/choose.html", project=project, senders=senders)


@bp.get("/new/<sender>")
@requires(Permission.MANAGE_RESOURCES)
def new(project: Project, sender: str):
    known = _sender(sender)
    given = {"auth_method": known.auth_method, "auth_header": known.auth_header}
    return _page(project, Form(IntegrationIn, only=FIELDS, **given), sender=known)


@bp.post("/new/<sender>")
@requires(Permission.MANAGE_RESOURCES)
def create(project: Project, sender: str):
    """With its first address, and the conditions of its sender if they are wanted."""
    known, form = _sender(sender), _form(project)
    if not form.submit(integrations.create, project, actor=current_user):
        return _page(project, form, sender=known), form.status
    integration_aliases.create(project, form.result, actor=current_user)
    if "matchers" in request.form:
        webhook_senders.add_matchers(form.result, known, actor=current_user)
    return hx.redirect(_own(form.result), "Integration created")


@bp.get("/<id:integration_id>")
@requires(Permission.VIEW)
def show(project: Project, integration_id: int):
    row = integrations.get(project, integration_id)
    sender, addresses = webhook_senders.of(row), _addresses(project, row)
    return hx.render(
        "integrations/show.html",
        block="detail",
        project=project,
        integration=row,
        method=METHODS[row.auth_method],
        waiting=WAITING,
        addresses=addresses,
        shared=_addresses(project, None) if row.searchable else [],
        curl=curl.webhook(row, sender, addresses[0]["url"]) if addresses else "",
        **rights(),
    )


@bp.get("/<id:integration_id>/edit")
@requires(Permission.MANAGE_RESOURCES)
def edit(project: Project, integration_id: int):
    row = integrations.get(project, integration_id)
    return _page(project, Form(IntegrationIn, row, only=FIELDS), row)


@bp.post("/<id:integration_id>/edit")
@requires(Permission.MANAGE_RESOURCES)
def update(project: Project, integration_id: int):
    row = integrations.get(project, integration_id)
    form = _form(project, row)
    if not form.submit(lambda data: integrations.update(project, row.id, data, actor=current_user)):
        return _page(project, form, row), form.status
    return hx.redirect(_own(row), "Integration saved")


@bp.post("/<id:integration_id>/address")
@requires(Permission.MANAGE_RESOURCES)
def add_own_address(project: Project, integration_id: int):
    row = integrations.get(project, integration_id)
    integration_aliases.create(project, row, actor=current_user)
    return hx.done("integrations", "Address created", _own(row))


@bp.get("/<id:integration_id>/address/<id:alias_id>/delete")
@requires(Permission.MANAGE_RESOURCES)
def confirm_delete_own_address(project: Project, integration_id: int, alias_id: int):
    row = integrations.get(project, integration_id)
    alias = integration_aliases.get(project, alias_id, row)
    return _confirm(project, alias.id, _own(row))


@bp.post("/<id:integration_id>/address/<id:alias_id>/delete")
@requires(Permission.MANAGE_RESOURCES)
def delete_own_address(project: Project, integration_id: int, alias_id: int):
    row = integrations.get(project, integration_id)
    integration_aliases.delete(project, alias_id, row, actor=current_user)
    return hx.done("integrations", "Address deleted", _own(row))


@bp.get("/<id:integration_id>/delete")
@requires(Permission.MANAGE_RESOURCES)
def confirm_delete(project: Project, integration_id: int):
    row = integrations.get(project, integration_id)
    return hx.render("integrations/delete.html", block="dialog", project=project, integration=row)


@bp.post("/<id:integration_id>/delete")
@requires(Permission.MANAGE_RESOURCES)
def delete(project: Project, integration_id: int):
    integrations.delete(project, integration_id, actor=current_user)
    return hx.redirect(_list(project), "Integration deleted")


def _form(project: Project, row: Integration | None = None) -> Form:
    """The page has parameters as a text; what is no JSON stays there with the reason."""
    form = Form(IntegrationIn, row, only=FIELDS)
    text = request.form.get("task_params", "").strip()
    try:
        form.values["task_params"] = from_json(text, allow_inf_nan=False) if text else None
    except ValueError as error:
        form.values["task_params"] = text
        form.flaws["task_params"] = f"Must be a JSON object: {error}"
    form.flaws |= _missing(project)
    return form


def _missing(project: Project) -> dict[str, str]:
    """What a use case would refuse when all fields are well: people are told it with the rest."""
    found, secret_id = {}, form_number("auth_secret_id")
    if form_number("template_id") is None:
        found["template_id"] = "Choose a template"
    name, header = request.form.get("auth_method", ""), request.form.get("auth_header", "")
    keys = access_keys.list_for(project)
    key = next((key for key in keys if key.id == secret_id), None)
    if name in METHODS:
        found |= integrations.missing_proof(name, key, header)
    return found


def _page(
    project: Project, form: Form, row: Integration | None = None, *, sender: Sender | None = None
) -> Response:
    keys = access_keys.list_for(project)
    form.errors = _at_fields(form.errors)
    return hx.render(
        "integrations/form.html",
        block="form",
        project=project,
        form=form,
        integration=row,
        sender=sender,
        params=_text(form.values["task_params"]),
        templates=template_lists.choices(project),
        methods=[(name, method.title) for name, method in METHODS.items() if name != "none"],
        keys=key_types.options(keys, key_types.VAULTS, form.values["auth_secret_id"]),
        waiting=list(WAITING.items()),
    )


def _at_fields(errors: dict[str, str]) -> dict[str, str]:
    """All that is wrong with parameters is told at their field, each by its name."""
    of_field = {name: why for name, why in errors.items() if not name.startswith(OF_PARAMS)}
    said = [f"{name.removeprefix(OF_PARAMS)}: {why}"
            for name, why in errors.items() if name.startswith(OF_PARAMS)]  # fmt: skip
    return of_field | ({"task_params": "; ".join(said)} if said else {})


def _text(params: Any) -> str:
    """Parameters as a person reads them; what was no JSON as it was typed."""
    if isinstance(params, str):
        return params
    return json.dumps(params, indent=2, ensure_ascii=False) if params else ""


def _confirm(project: Project, alias_id: int, at: str) -> Response:
    """Before an address goes away; `at`: the page that shows it."""
    return hx.render(
        "integrations/address.html", block="dialog", project=project, at=at, alias_id=alias_id
    )


def _addresses(project: Project, row: Integration | None = None) -> list[dict[str, Any]]:
    found = integration_aliases.list_for(project, row)
    return [{"id": one.id, "url": public("api_webhooks.receive", alias=one.alias)} for one in found]


def _sender(name: str) -> Sender:
    found = webhook_senders.known().get(name)
    if found is None:
        raise NotFound(f"There is no sender {name}")
    return found


def _list(project: Project) -> str:
    return url_for("integrations.index", project_id=project.id)


def _own(row: Integration) -> str:
    return url_for("integrations.show", project_id=row.project_id, integration_id=row.id)
