"""The test of a key: a worker decrypts it and says which one it is, or what is wrong with it."""

from flask import Blueprint

from app.guard import Permission, requires
from app.models import Project
from app.services import access_keys, probes
from app.web import hx
from app.web.rights import rights

bp = Blueprint("tests", __name__, url_prefix="/<id:key_id>/test")


@bp.get("")
@requires(Permission.MANAGE_RESOURCES)
def show(project: Project, key_id: int):
    """What is known; it asks again until something is."""
    return _dialog(project, key_id)


@bp.post("")
@requires(Permission.MANAGE_RESOURCES)
def again(project: Project, key_id: int):
    return _dialog(project, key_id, again=True)


def _dialog(project: Project, key_id: int, *, again: bool = False):
    key = access_keys.get(project, key_id)
    state = probes.ask("key", key, again=again)
    return hx.render(
        "access_keys/test.html", block="dialog", project=project, key=key, state=state, **rights()
    )
