"""What a repository's page shows after a worker has looked: connection, files, disk."""

from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_login import current_user

from app.errors import DomainError
from app.guard import Permission, requires
from app.models import Project, Repository
from app.schemas.repositories import AddressIn
from app.services import caches, probes, repositories
from app.urls import number
from app.web import hx
from app.web.forms import Form
from app.web.rights import rights

bp = Blueprint("looks", __name__)


@bp.get("/<id:repository_id>/_test")
@requires(Permission.VIEW)
def test(project: Project, repository_id: int):
    return _tested(project, repository_id)


@bp.post("/<id:repository_id>/_test")
@requires(Permission.RUN_TASKS)
def test_again(project: Project, repository_id: int):
    return _tested(project, repository_id, again=True)


@bp.post("/_test")
@requires(Permission.MANAGE_RESOURCES)
def test_form(project: Project):
    """Whether what stands in the form can be reached; the form itself asks until that is known."""
    form = Form(AddressIn)
    state = None
    if form.submit(_ask_about, project):
        state = form.result
    return hx.render("repositories/_form_test.html", project=project, state=state, form=form)


def _ask_about(project: Project, data: AddressIn) -> probes.State:
    repositories.check(project, data)
    args: dict[str, Any] = {
        "url": data.git_url,
        "key_id": data.ssh_key_id,
        "branch": data.git_branch,
    }
    return probes.ask("address", project, again="again" in request.args, **args)


@bp.get("/_branches")
@requires(Permission.VIEW)
def branches(project: Project):
    """What a picker of branches offers for the repository that a form has chosen."""
    return _picker(project, "repository", "repositories/_branches.html")


@bp.get("/_scripts")
@requires(Permission.VIEW)
def scripts(project: Project):
    """What a picker of scripts offers, of the kind that a template's `app` can run."""
    args = {"app": request.args.get("app", ""), "branch": request.args.get("git_branch", "")}
    return _picker(project, "scripts", "repositories/_scripts.html", **args)


@bp.get("/<id:repository_id>/_tree")
@requires(Permission.VIEW)
def tree(project: Project, repository_id: int):
    """A directory at a branch; `at` is a commit that is known, so that nothing is fetched."""
    repository = repositories.get(project, repository_id)
    return _files(project, repository, "tree")


@bp.get("/<id:repository_id>/_text")
@requires(Permission.RUN_TASKS)
def text(project: Project, repository_id: int):
    """What a file says. Who may not run it has no need to read it."""
    repository = repositories.get(project, repository_id)
    return _files(project, repository, "text")


@bp.get("/<id:repository_id>/_cache")
@requires(Permission.VIEW)
def cache(project: Project, repository_id: int):
    return _cached(project, repositories.get(project, repository_id))


@bp.post("/<id:repository_id>/_cache")
@requires(Permission.MANAGE_RESOURCES)
def clear_cache(project: Project, repository_id: int):
    repository = repositories.get(project, repository_id)
    caches.clear(repository, actor=current_user)
    return _cached(project, repository)


def _picker(project: Project, kind: str, template: str, **args: Any) -> Response | tuple[str, int]:
    """The options of a picker; it asks until they are known. Nothing is chosen: nothing is said."""
    repository_id = number("repository_id")
    if not repository_id or any(len(value) > 255 for value in args.values()):
        return "", 200
    state = probes.ask(kind, repositories.get(project, repository_id), **args)
    return hx.render(template, project=project, state=state, again=request.full_path)


def _tested(project: Project, repository_id: int, *, again: bool = False) -> Response:
    repository = repositories.get(project, repository_id)
    state = probes.ask("repository", repository, again=again)
    return _answer(project, repository, "_test", state=state)


def _files(project: Project, repository: Repository, kind: str) -> Response:
    path, branch = request.args.get("path", ""), request.args.get("branch", "")
    args = {"path": path, "branch": branch, "commit": request.args.get("at", "")}
    if any(len(value) > 4096 for value in args.values()):
        raise DomainError("The path is too long")
    state = probes.ask(kind, repository, again="again" in request.args, **args)
    commit = state.answer.get("commit", args["commit"])
    return _answer(
        project, repository, f"_{kind}", state=state, path=path, branch=branch, at=commit,
    )  # fmt: skip


def _cached(project: Project, repository: Repository) -> Response:
    return _answer(project, repository, "_cache", caches=caches.of(repository))


def _answer(project: Project, repository: Repository, name: str, **found: Any) -> Response:
    """A fragment; a browser that wants a page is led to the one that it is part of."""
    if not hx.is_partial():
        endpoint = "repositories.show"
        return hx.redirect(url_for(endpoint, project_id=project.id, repository_id=repository.id))
    return hx.render(
        f"repositories/{name}.html", project=project, repository=repository, **found, **rights()
    )
