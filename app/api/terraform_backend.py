"""The http backend of Terraform and OpenTofu: how the tools read, write and lock a state.

Statuses are those that the tools know: 204 for no state, 423 with the holder's words for a lock.
"""

from flask import Blueprint, Response, request

from app.api.wire import done
from app.db import transaction
from app.guard import PUBLIC, requires
from app.lib import signatures
from app.services import terraform_access, terraform_locks, terraform_states
from app.services.terraform_access import Caller
from app.services.terraform_locks import Locked

bp = Blueprint("api_terraform_backend", __name__, url_prefix="/terraform/<address>")


@bp.get("")
@requires(PUBLIC, transaction=False)
def read(address: str):
    """The state as it is."""
    caller = _caller(address)
    with transaction(write=False):
        text = terraform_states.read(caller)
    return done() if text is None else Response(text, mimetype="application/json")


@bp.post("")
@requires(PUBLIC, transaction=False)
def write(address: str):
    """The next version of the state."""
    caller, body = _caller(address), request.get_data()
    with transaction():
        terraform_states.write(caller, body, request.args.get("ID", ""))
    return done(200)


@bp.delete("")
@requires(PUBLIC, transaction=False)
def remove(address: str):
    """From now on there is no state."""
    caller = _caller(address)
    with transaction():
        terraform_states.remove(caller, request.args.get("ID", ""))
    return done(200)


@bp.route("", methods=["LOCK"])
@requires(PUBLIC, transaction=False)
def lock(address: str):
    """Let nobody else write."""
    caller, asked = _caller(address), terraform_locks.read(request.get_data())
    with transaction():
        terraform_locks.take(caller, asked)
    return done(200)


@bp.route("", methods=["UNLOCK"])
@requires(PUBLIC, transaction=False)
def unlock(address: str):
    """Let others write again; without a body whoever holds it loses it (terraform force-unlock)."""
    caller, body = _caller(address), request.get_data()
    asked = terraform_locks.read(body) if body.strip() else None
    with transaction():
        terraform_locks.release(caller, asked)
    return done(200)


@bp.errorhandler(Locked)
def refuse(error: Locked):
    """The tool shows its user who holds the lock."""
    return Response(error.info, error.status, mimetype="application/json")


@bp.after_request
def ask_for_login(answer: Response):
    """Programs that send no password before they are asked for it are asked."""
    if answer.status_code == 401:
        answer.headers["WWW-Authenticate"] = 'Basic realm="Terraform state"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _caller(address: str) -> Caller:
    login, password = signatures.basic(request.headers.get("Authorization", ""))
    return terraform_access.enter(address, login, password, ip=request.remote_addr or "")
