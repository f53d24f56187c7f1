from flask import Blueprint, request
from flask_login import current_user

from app.api.wire import body_of, done, dump, dump_all, order
from app.guard import Permission, requires
from app.models import Project
from app.schemas.access_keys import AccessKeyChange, AccessKeyIn, AccessKeyOut
from app.services import access_keys
from app.services.references import Refs

bp = Blueprint("api_access_keys", __name__, url_prefix="/project/<id:project_id>/keys")


@bp.get("")
@requires(Permission.VIEW)
def index(project: Project):
    """List them, all or those of one type. The name with a space is that of Semaphore UI."""
    kind = request.args.get("type") or request.args.get("Key type") or ""
    return dump_all(AccessKeyOut, access_keys.list_for(project, kind=kind, **order()))


@bp.post("")
@requires(Permission.MANAGE_RESOURCES)
def create(project: Project):
    data = body_of(AccessKeyIn, project, "Key")
    return dump(AccessKeyOut, access_keys.create(project, data, actor=current_user), 201)


@bp.get("/<id:key_id>")
@requires(Permission.VIEW)
def show(project: Project, key_id: int):
    return dump(AccessKeyOut, access_keys.get(project, key_id))


@bp.put("/<id:key_id>")
@requires(Permission.MANAGE_RESOURCES)
def update(project: Project, key_id: int):
    data = body_of(AccessKeyChange, project, "Key", key_id)
    access_keys.update(project, key_id, data, actor=current_user)
    return done()


@bp.delete("/<id:key_id>")
@requires(Permission.MANAGE_RESOURCES)
def delete(project: Project, key_id: int):
    access_keys.delete(project, key_id, actor=current_user)
    return done()


@bp.get("/<id:key_id>/refs")
@requires(Permission.VIEW)
def refs(project: Project, key_id: int):
    """Who uses it."""
    return dump(Refs, access_keys.refs_of(access_keys.get(project, key_id)))
