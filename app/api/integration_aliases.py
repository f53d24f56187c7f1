"""The addresses of integrations, and of a project for all of its searchable ones."""

from flask import Blueprint
from flask_login import current_user

from app.api.wire import done, dump, dump_all
from app.guard import Permission, requires
from app.models import IntegrationAlias, Project
from app.schemas.integrations import AliasOut
from app.services import integration_aliases, integrations
from app.urls import public

bp = Blueprint(
    "api_integration_aliases", __name__, url_prefix="/project/<id:project_id>/integrations"
)


@bp.get("/aliases")
@requires(Permission.VIEW)
def index(project: Project):
    """The addresses that are offered to all searchable integrations of the project."""
    return dump_all(AliasOut, [_shown(row) for row in integration_aliases.list_for(project)])


@bp.post("/aliases")
@requires(Permission.MANAGE_RESOURCES)
def create(project: Project):
    """Make an address; no body is needed."""
    return dump(AliasOut, _shown(integration_aliases.create(project, actor=current_user)))


@bp.delete("/aliases/<id:alias_id>")
@requires(Permission.MANAGE_RESOURCES)
def delete(project: Project, alias_id: int):
    integration_aliases.delete(project, alias_id, actor=current_user)
    return done()


@bp.get("/<id:integration_id>/aliases")
@requires(Permission.VIEW)
def index_of(project: Project, integration_id: int):
    row = integrations.get(project, integration_id)
    return dump_all(AliasOut, [_shown(one) for one in integration_aliases.list_for(project, row)])


@bp.post("/<id:integration_id>/aliases")
@requires(Permission.MANAGE_RESOURCES)
def create_of(project: Project, integration_id: int):
    """Make an address of one integration; no body is needed."""
    row = integrations.get(project, integration_id)
    return dump(AliasOut, _shown(integration_aliases.create(project, row, actor=current_user)))


@bp.delete("/<id:integration_id>/aliases/<id:alias_id>")
@requires(Permission.MANAGE_RESOURCES)
def delete_of(project: Project, integration_id: int, alias_id: int):
    row = integrations.get(project, integration_id)
    integration_aliases.delete(project, alias_id, row, actor=current_user)
    return done()


def _shown(row: IntegrationAlias) -> AliasOut:
    return AliasOut(id=row.id, url=public("api_webhooks.receive", alias=row.alias))
