"""Who gets to the state of a workspace: active runs of it, and whoever has the key of an address.

A run proves itself with a signature of its claim: nothing of it is stored, and with the claim it
ends. Each claim of a run has another one.
"""

import hashlib
import hmac
import json
import logging
from dataclasses import dataclass, replace

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app.db import db, transaction
from app.errors import TooMany, Unauthenticated
from app.executors.spec import RunSpec
from app.executors.state_access import StateAccess
from app.extensions import settings
from app.lib import signatures
from app.lib.keyring import KeyringError
from app.models import HELD, Inventory, Task, TaskTemplate, TerraformAlias
from app.services import auth, secrets

logger = logging.getLogger(__name__)

OF_RUN = "run-"  # what the address of a run begins with; no alias has a dash
LOGIN = "run"
PATH = "/api/terraform/"
NO_WORKSPACE = (
    "Override backend settings keeps the state with a workspace: choose one in the template"
)
NO_ADDRESS = (
    "Override backend settings needs the address at which runs reach this server: "
    "set SEMAPHORE_WEB_HOST, or HELIOGRAPH_TASK_WEB_HOST where runs need another one"
)
EVERY_ADDRESS = ("0.0.0.0", "::", "")  # noqa: S104  what a server may listen on


@dataclass(frozen=True)
class Caller:
    """Who speaks to the state of a workspace: a run, or somebody through an address."""

    project_id: int
    inventory_id: int
    task_id: int | None = None
    alias: str = ""


class WrongCredentials(Unauthenticated):
    """An unknown address, a wrong login or password, an ended run: one answer for all."""

    def __init__(self) -> None:
        super().__init__("This address wants the login and password of its key")


def add_to(spec: RunSpec, task: Task) -> RunSpec:
    """The run with its access, where its template says that the server keeps the state."""
    if not spec.params.get("override_backend"):
        return spec
    server, workspace = _server(), spec.inventory
    if not workspace or not server:
        return replace(spec, state=StateAccess(lacking=NO_ADDRESS if workspace else NO_WORKSPACE))
    password = _signature(task.id, task.claim or "", workspace.id)
    address = f"{server}{PATH}{OF_RUN}{task.id}"
    state = StateAccess(address, LOGIN, password)
    return replace(spec, state=state, secrets=(*spec.secrets, password))


def enter(name: str, login: str, password: str, *, ip: str) -> Caller:
    """Whoever calls the address of this name. Call it outside a transaction.

    Raises WrongCredentials, and TooMany after too many wrong ones; right ones do not count.
    """
    if name.startswith(OF_RUN):  # its signature cannot be guessed: attempts are not counted
        with transaction(write=False):
            return _run(name.removeprefix(OF_RUN), login, password)
    by_name, by_ip = f"state:{_digest(name)}:{auth.network(ip)}", f"state-ip:{auth.network(ip)}"
    counters = ((by_name, auth.PER_LOGIN), (by_ip, auth.PER_IP))
    if wait := max(auth.throttle().wait(key, *limits) for key, limits in counters):
        raise TooMany(wait)
    try:
        with transaction(write=False):
            return _holder(name, login, password)
    except WrongCredentials:
        for key, limits in counters:
            auth.throttle().hit(key, *limits)
        raise


def _run(number: str, login: str, password: str) -> Caller:
    if not number.isdecimal() or len(number) > 18:
        raise WrongCredentials
    workspace_id = func.coalesce(Task.inventory_id, TaskTemplate.inventory_id)
    query = (
        select(Task.id, Task.project_id, Task.claim, Inventory.id.label("workspace_id"))
        .join(TaskTemplate, TaskTemplate.id == Task.template_id)
        .join(Inventory, Inventory.id == workspace_id)
        .where(Task.id == int(number), Task.status.in_(HELD), Task.claim.is_not(None))
    )
    row = db.session.execute(query).one_or_none()
    right = _signature(row.id, row.claim, row.workspace_id) if row else ""
    if row is None or not (signatures.is_same(password, right) and login == LOGIN):
        raise WrongCredentials
    return Caller(row.project_id, row.workspace_id, task_id=row.id)


def _holder(name: str, login: str, password: str) -> Caller:
    query = select(TerraformAlias).options(joinedload(TerraformAlias.auth_key))
    row = None
    if name.isascii() and name.isalnum():  # PostgreSQL would refuse some questions
        row = db.session.scalar(query.where(TerraformAlias.alias == name))
    known = _credential(row) if row else {}
    # Both are compared, so that the time does not tell which one is wrong.
    same_login = signatures.is_same(login, known.get("login", ""))
    same_password = signatures.is_same(password, known.get("password", ""))
    if row is None or not (same_login and same_password):
        raise WrongCredentials
    return Caller(row.project_id, row.inventory_id, alias=row.alias)


def _credential(row: TerraformAlias) -> dict[str, str]:
    """What a key without a secret, and one that cannot be read, have: nobody gets in with them."""
    try:
        return json.loads(secrets.open(row.auth_key) or "{}")
    except KeyringError as error:
        fields = {"alias_id": row.id, "reason": str(error)}
        logger.error("the key of a state's address cannot be read", extra=fields)
        return {}


def _server() -> str:
    """Where runs reach this server; "" if nobody knows.

    With SQLite there is one machine, so that its own port is right.
    """
    config = settings()
    if given := config.TASK_WEB_HOST or config.WEB_HOST:
        return given.rstrip("/")
    if not config.database_url.startswith("sqlite"):
        return ""
    host, port = config.bind
    return f"http://127.0.0.1:{port}" if host in EVERY_ADDRESS else f"http://{config.listen}"


def _signature(task_id: int, claim: str, workspace_id: int) -> str:
    text = f"terraform-state:{task_id}:{claim}:{workspace_id}"
    return hmac.new(settings().SECRET_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
