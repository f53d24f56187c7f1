"""Keys: the list, their form, which never shows a secret, and how one goes away."""

from typing import Any

from flask import Blueprint, request, url_for
from flask_login import current_user

from app.errors import InUse, Invalid
from app.guard import Permission, requires
from app.models import AccessKey, AccessKeyType, Project
from app.schemas.access_keys import AccessKeyChange, AccessKeyIn
from app.services import access_key_lists, access_keys, events
from app.web import formats, host_configs, host_keys, hx, key_tests, key_types
from app.web.forms import Form
from app.web.rights import rights

bp = Blueprint("access_keys", __name__, url_prefix="/p/<id:project_id>/keys")
bp.register_blueprint(host_configs.bp)
bp.register_blueprint(host_keys.bp)
bp.register_blueprint(key_tests.bp)

# The fields of each type; the first one that is named cannot be empty.
PARTS = {
    "ssh": ("private_key", "login", "passphrase"),
    "login_password": ("password", "login"),
}
LABELS = {
    "override_secret": "Replace secret",
    "ssh.login": "Username",
    "ssh.passphrase": "Passphrase",
    "ssh.private_key": "Private key",
    "login_password.login": "Username",
    "login_password.password": "Password",
}
SHOWN = ("name", "type")  # of what somebody else has stored meanwhile
MOST = 64 * 1024  # bytes of a key file; the largest private keys have 7 KB


@bp.get("")
@requires(Permission.VIEW)
def index(project: Project):
    text, kind = request.args.get("q", "").strip(), request.args.get("type", "")
    rows = access_key_lists.find(project, text, kind)
    return hx.render(
        "access_keys/list.html",
        block="rows",
        project=project,
        rows=rows,
        q=text,
        kind=kind,
        kinds=[("", "Any type"), *((word, _capital(key_types.title(word))) for word in TYPES)],
        total=formats.counted(len(rows), "key"),
        title_of=key_types.title,
        **rights(),
    )


TYPES = key_types.EVERY


@bp.get("/new")
@requires(Permission.MANAGE_RESOURCES)
def new(project: Project):
    return _form(project, Form(AccessKeyIn, type=_wanted_type()))


@bp.get("/_fields")
@requires(Permission.MANAGE_RESOURCES)
def fields(project: Project):
    """What a type consists of, after another one was chosen."""
    return hx.render("access_keys/_fields.html", kind=_wanted_type(), errors={}, typed="")


@bp.post("")
@requires(Permission.MANAGE_RESOURCES)
def create(project: Project):
    form = _sent(Form(AccessKeyIn))
    if not form.submit(access_keys.create, project, actor=current_user):
        return _form(project, form), form.status
    return hx.done("keys", "Key created", _list(project))


@bp.get("/<id:key_id>/edit")
@requires(Permission.MANAGE_RESOURCES)
def edit(project: Project, key_id: int):
    key = access_keys.get(project, key_id)
    form = Form(AccessKeyChange, key, override_secret="replace" in request.args or key.empty)
    if "type" in request.args:
        form.values["type"] = _wanted_type()
    return _form(project, form, key)


@bp.post("/<id:key_id>/edit")
@requires(Permission.MANAGE_RESOURCES)
def update(project: Project, key_id: int):
    key = access_keys.get(project, key_id)
    form = _sent(Form(AccessKeyChange, key))
    if not form.submit(_update, project, key_id):
        return _form(project, form, key), form.status
    return hx.done("keys", "Key saved", _list(project))


def _update(project: Project, key_id: int, data: AccessKeyChange) -> AccessKey:
    try:
        return access_keys.update(project, key_id, data, actor=current_user)
    except InUse as error:
        raise Invalid({"type": "The key is in use, so it keeps its type"}) from error


@bp.get("/<id:key_id>/delete")
@requires(Permission.MANAGE_RESOURCES)
def confirm_delete(project: Project, key_id: int):
    """The question before it is deleted, or what stands against it."""
    key = access_keys.get(project, key_id)
    return hx.render(
        "access_keys/delete.html",
        block="dialog",
        project=project,
        key=key,
        refs=access_keys.refs_of(key),
        vaults=access_keys.vaults_of(key),
        integrations=access_keys.integrations_of(key),
    )


@bp.post("/<id:key_id>/delete")
@requires(Permission.MANAGE_RESOURCES)
def delete(project: Project, key_id: int):
    access_keys.delete(project, key_id, actor=current_user)
    return hx.done("keys", "Key deleted", _list(project))


def _sent(form: Form) -> Form:
    """The form with its secrets, which are no plain fields; a file counts if nothing was pasted."""
    for part, names in PARTS.items():
        form.values[part] = {name: _text(f"{part}.{name}") for name in names}
    if not form.values["ssh"]["private_key"].strip():
        form.values["ssh"]["private_key"] = _picked()
    return form


def _text(name: str) -> str:
    return request.form.get(name, "").replace("\r\n", "\n")


def _picked() -> str:
    """The text of the file that was chosen; what is no text is refused as no key."""
    file = request.files.get("ssh.file")
    if file:
        file.stream.seek(0)  # it was read before, if this is another try
    content = file.stream.read(MOST) if file else b""
    return content.decode(errors="replace").replace("\0", "").replace("\r\n", "\n")


def _form(project: Project, form: Form, key: AccessKey | None = None):
    """The form as a sheet or a page. A private key that was refused comes back, a password not."""
    stale = bool(form.theirs and key)
    form.theirs = {name: value for name, value in form.theirs.items() if name in SHOWN}
    given = form.values["ssh"]
    return hx.render(
        "access_keys/form.html",
        block="form",
        project=project,
        key=key,
        form=form,
        errors={} if form.theirs else _at_fields(form),
        typed=given["private_key"] if isinstance(given, dict) else "",
        kind=form.values["type"],
        kinds=[(word, _capital(key_types.title(word))) for word in TYPES],
        change=events.last_of(key) if key and stale else None,
        labels=LABELS,
    )


def _at_fields(form: Form) -> dict[str, str]:
    """Errors of a secret as a whole belong to the field that it cannot do without."""
    kind = form.values["type"]
    if kind not in PARTS:
        return form.errors
    needed = f"{kind}.{PARTS[kind][0]}"
    said: dict[str, Any] = {needed if n in (kind, "form") else n: t for n, t in form.errors.items()}
    return said


def _wanted_type() -> str:
    kind = request.args.get("type", "")
    return kind if kind in TYPES else AccessKeyType.SSH


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _list(project: Project) -> str:
    return url_for(".index", project_id=project.id)
