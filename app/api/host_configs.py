from flask import Blueprint
from flask_login import current_user

from app.api.wire import body_of, done, dump, dump_all
from app.guard import Permission, requires
from app.models import Project
from app.schemas.host_configs import HostConfigIn, HostConfigOut
from app.services import host_configs

bp = Blueprint("api_host_configs", __name__, url_prefix="/project/<id:project_id>/host_configs")


@bp.get("")
@requires(Permission.VIEW)
def index(project: Project):
    return dump_all(HostConfigOut, host_configs.list_for(project))


@bp.post("")
@requires(Permission.MANAGE_RESOURCES)
def create(project: Project):
    data = body_of(HostConfigIn, project, "Host config")
    return dump(HostConfigOut, host_configs.create(project, data, actor=current_user), 201)


@bp.get("/<id:host_config_id>")
@requires(Permission.VIEW)
def show(project: Project, host_config_id: int):
    return dump(HostConfigOut, host_configs.get(project, host_config_id))


@bp.put("/<id:host_config_id>")
@requires(Permission.MANAGE_RESOURCES)
def update(project: Project, host_config_id: int):
    data = body_of(HostConfigIn, project, "Host config", host_config_id)
    host_configs.update(project, host_config_id, data, actor=current_user)
    return done()


@bp.delete("/<id:host_config_id>")
@requires(Permission.MANAGE_RESOURCES)
def delete(project: Project, host_config_id: int):
    host_configs.delete(project, host_config_id, actor=current_user)
    return done()
