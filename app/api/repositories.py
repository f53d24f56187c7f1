from flask import Blueprint
from flask_login import current_user

from app.api.looks import answer_to
from app.api.wire import body_of, done, dump, dump_all, order
from app.db import transaction
from app.guard import Permission, requires
from app.models import Project, Repository
from app.schemas.repositories import RepositoryIn, RepositoryOut
from app.services import repositories
from app.services.references import Refs

bp = Blueprint("api_repositories", __name__, url_prefix="/project/<id:project_id>/repositories")


@bp.get("")
@requires(Permission.VIEW)
def index(project: Project):
    return dump_all(RepositoryOut, repositories.list_for(project, **order()))


@bp.post("")
@requires(Permission.MANAGE_RESOURCES)
def create(project: Project):
    data = body_of(RepositoryIn, project, "Repository")
    return dump(RepositoryOut, repositories.create(project, data, actor=current_user), 201)


@bp.get("/<id:repository_id>")
@requires(Permission.VIEW)
def show(project: Project, repository_id: int):
    return dump(RepositoryOut, repositories.get(project, repository_id))


@bp.put("/<id:repository_id>")
@requires(Permission.MANAGE_RESOURCES)
def update(project: Project, repository_id: int):
    data = body_of(RepositoryIn, project, "Repository", repository_id)
    repositories.update(project, repository_id, data, actor=current_user)
    return done()


@bp.delete("/<id:repository_id>")
@requires(Permission.MANAGE_RESOURCES)
def delete(project: Project, repository_id: int):
    repositories.delete(project, repository_id, actor=current_user)
    return done()


@bp.get("/<id:repository_id>/refs")
@requires(Permission.VIEW)
def refs(project: Project, repository_id: int):
    """Who uses it."""
    return dump(Refs, repositories.refs_of(repositories.get(project, repository_id)))


@bp.get("/<id:repository_id>/branches")
@requires(Permission.VIEW, transaction=False)
def branches(project: Project, repository_id: int):
    """The names of its branches; a worker looks."""
    return dump(list[str], answer_to("repository", _found(project, repository_id))["branches"])


@bp.get("/<id:repository_id>/playbooks")
@requires(Permission.VIEW, transaction=False)
def playbooks(project: Project, repository_id: int):
    """The paths of its playbooks at its branch; a worker looks."""
    answer = answer_to("scripts", _found(project, repository_id), app="ansible")
    return dump(list[str], answer["names"])


def _found(project: Project, repository_id: int) -> Repository:
    with transaction(write=False):
        return repositories.get(project, repository_id)
