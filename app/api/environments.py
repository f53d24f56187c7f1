from flask import Blueprint
from flask_login import current_user

from app.api.wire import body_of, done, dump, dump_all, order
from app.guard import Permission, permissions, requires
from app.models import Environment, Project
from app.schemas.environments import EnvironmentIn, EnvironmentItem, EnvironmentOut
from app.services import environments
from app.services.references import Refs

bp = Blueprint("api_environments", __name__, url_prefix="/project/<id:project_id>/environment")


@bp.get("")
@requires(Permission.VIEW)
def index(project: Project):
    found = environments.list_for(project, **order())
    return dump_all(EnvironmentItem, [_shown(EnvironmentItem, group) for group in found])


@bp.post("")
@requires(Permission.MANAGE_RESOURCES)
def create(project: Project):
    data = body_of(EnvironmentIn, project, "Environment")
    return dump(EnvironmentOut, environments.create(project, data, actor=current_user), 201)


@bp.get("/<id:environment_id>")
@requires(Permission.VIEW)
def show(project: Project, environment_id: int):
    return dump(EnvironmentOut, _shown(EnvironmentOut, environments.get(project, environment_id)))


@bp.put("/<id:environment_id>")
@requires(Permission.MANAGE_RESOURCES)
def update(project: Project, environment_id: int):
    data = body_of(EnvironmentIn, project, "Environment", environment_id)
    environments.update(project, environment_id, data, actor=current_user)
    return done()


@bp.delete("/<id:environment_id>")
@requires(Permission.MANAGE_RESOURCES)
def delete(project: Project, environment_id: int):
    environments.delete(project, environment_id, actor=current_user)
    return done()


@bp.get("/<id:environment_id>/refs")
@requires(Permission.VIEW)
def refs(project: Project, environment_id: int):
    """Who uses it."""
    return dump(Refs, environments.refs_of(environments.get(project, environment_id)))


def _shown(schema: type[EnvironmentItem], group: Environment) -> EnvironmentItem:
    """The password only to those who could replace it."""
    shown = schema.model_validate(group)
    return shown if Permission.MANAGE_RESOURCES in permissions() else shown.for_others()
