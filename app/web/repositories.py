"""Repositories: the list, a repository's page, its form, and how it goes away."""

from flask import Blueprint, request, url_for
from flask_login import current_user

from app.guard import Permission, requires
from app.models import AccessKeyType, Project, Repository
from app.schemas.repositories import RepositoryIn
from app.services import access_keys, caches, events, probes, repositories, repository_lists
from app.web import formats, hx, key_types, repository_looks
from app.web.forms import Form
from app.web.rights import rights

bp = Blueprint("repositories", __name__, url_prefix="/p/<id:project_id>/repositories")
bp.register_blueprint(repository_looks.bp)

LABELS = {"git_url": "URL", "git_branch": "Branch", "ssh_key_id": "Key"}


@bp.get("")
@requires(Permission.VIEW)
def index(project: Project):
    text = request.args.get("q", "").strip()
    rows = repository_lists.find(project, text)
    return hx.render(
        "repositories/list.html",
        block="rows",
        project=project,
        rows=rows,
        q=text,
        total=formats.counted(len(rows), "repository", "repositories"),
        **rights(),
    )


@bp.get("/<id:repository_id>")
@requires(Permission.VIEW)
def show(project: Project, repository_id: int):
    repository = repositories.get(project, repository_id)
    return hx.render(
        "repositories/show.html",
        block="detail",
        project=project,
        repository=repository,
        refs=repositories.refs_of(repository),
        state=probes.ask("repository", repository),
        caches=caches.of(repository),
        **rights(),
    )


@bp.get("/new")
@requires(Permission.MANAGE_RESOURCES)
def new(project: Project):
    keys = access_keys.list_for(project)
    no_key = next((key.id for key in keys if key.type == AccessKeyType.NONE), None)
    return _form(project, Form(RepositoryIn, git_branch="main", ssh_key_id=no_key))


@bp.post("")
@requires(Permission.MANAGE_RESOURCES)
def create(project: Project):
    form = Form(RepositoryIn)
    if not form.submit(repositories.create, project, actor=current_user):
        return _form(project, form), form.status
    return hx.done("repositories", "Repository created", _list(project))


@bp.get("/<id:repository_id>/edit")
@requires(Permission.MANAGE_RESOURCES)
def edit(project: Project, repository_id: int):
    repository = repositories.get(project, repository_id)
    return _form(project, Form(RepositoryIn, repository), repository)


@bp.post("/<id:repository_id>/edit")
@requires(Permission.MANAGE_RESOURCES)
def update(project: Project, repository_id: int):
    repository = repositories.get(project, repository_id)
    form = Form(RepositoryIn, repository)
    if not form.submit(repositories.update, project, repository_id, actor=current_user):
        return _form(project, form, repository), form.status
    return hx.done("repositories", "Repository saved", _list(project))


@bp.get("/<id:repository_id>/delete")
@requires(Permission.MANAGE_RESOURCES)
def confirm_delete(project: Project, repository_id: int):
    """The question before it is deleted, or what stands against it."""
    repository = repositories.get(project, repository_id)
    return hx.render(
        "repositories/delete.html",
        block="dialog",
        project=project,
        repository=repository,
        refs=repositories.refs_of(repository),
        on_page=request.args.get("from") == "page",
    )


@bp.post("/<id:repository_id>/delete")
@requires(Permission.MANAGE_RESOURCES)
def delete(project: Project, repository_id: int):
    repositories.delete(project, repository_id, actor=current_user)
    if request.form.get("from") == "page":
        return hx.redirect(_list(project), "Repository deleted")
    return hx.done("repositories", "Repository deleted", _list(project))


def _form(project: Project, form: Form, repository: Repository | None = None):
    """The form as a sheet or a page; without a repository it makes a new one."""
    keys = access_keys.list_for(project)
    stale = bool(form.theirs and repository)
    if "ssh_key_id" in form.theirs and repository:
        form.theirs["ssh_key_id"] = repository.ssh_key.name
    return hx.render(
        "repositories/form.html",
        block="form",
        project=project,
        repository=repository,
        form=form,
        keys=key_types.options(keys),
        change=events.last_of(repository) if stale else None,
        labels=LABELS,
    )


def _list(project: Project) -> str:
    return url_for(".index", project_id=project.id)
