from flask import Blueprint
from flask_login import current_user

from app.api.wire import body_of, done, dump, dump_all, order, plain
from app.guard import Permission, requires
from app.models import Project
from app.schemas.integrations import IntegrationIn, IntegrationOut
from app.services import integrations
from app.services.integration_rules import Matcher, Value
from app.services.references import named

bp = Blueprint("api_integrations", __name__, url_prefix="/project/<id:project_id>/integrations")


@bp.get("")
@requires(Permission.VIEW)
def index(project: Project):
    return dump_all(IntegrationOut, integrations.list_for(project, **order()))


@bp.post("")
@requires(Permission.MANAGE_RESOURCES)
def create(project: Project):
    data = body_of(IntegrationIn, project, "Integration")
    made = integrations.create(project, data, actor=current_user, opened=False)
    return dump(IntegrationOut, made, 201)


@bp.get("/<id:integration_id>")
@requires(Permission.VIEW)
def show(project: Project, integration_id: int):
    return dump(IntegrationOut, integrations.get(project, integration_id))


@bp.put("/<id:integration_id>")
@requires(Permission.MANAGE_RESOURCES)
def update(project: Project, integration_id: int):
    data = body_of(IntegrationIn, project, "Integration", integration_id)
    integrations.update(project, integration_id, data, actor=current_user, opened=False)
    return done()


@bp.delete("/<id:integration_id>")
@requires(Permission.MANAGE_RESOURCES)
def delete(project: Project, integration_id: int):
    integrations.delete(project, integration_id, actor=current_user)
    return done()


@bp.get("/<id:integration_id>/refs")
@requires(Permission.VIEW)
def refs(project: Project, integration_id: int):
    """Its matchers and values."""
    row = integrations.get(project, integration_id)
    return plain(
        {
            "matchers": named(Matcher, Matcher.integration_id == row.id),
            "values": named(Value, Value.integration_id == row.id),
        }
    )
