from flask import Blueprint, g
from flask_login import current_user

from app import guard
from app.api.wire import Identity, body, done, dump, dump_all, same_id
from app.guard import CREATE_PROJECT, SIGNED_IN, Permission, requires
from app.models import Project
from app.schemas.projects import NamedProjectIn, NewProjectIn, ProjectOut, RoleOut
from app.services import alerts, caches, demo, project_users, projects

bp = Blueprint("api_projects", __name__)


@bp.get("/projects")
@requires(SIGNED_IN)
def index():
    return dump_all(ProjectOut, projects.list_for(current_user))


@bp.post("/projects")
@requires(CREATE_PROJECT)
def create():
    """Make one, on request with the templates of the demo."""
    project = demo.create_asked(body(NewProjectIn), actor=current_user)
    return dump(ProjectOut, project, 201)


@bp.get("/project/<id:project_id>")
@requires(Permission.VIEW)
def show(project: Project):
    return dump(ProjectOut, project)


@bp.put("/project/<id:project_id>")
@requires(Permission.UPDATE_PROJECT)
def update(project: Project):
    same_id(body(Identity).id, project.id, "Project")
    projects.update(project, body(NamedProjectIn), actor=current_user)
    return done()


@bp.delete("/project/<id:project_id>")
@requires(Permission.UPDATE_PROJECT)
def delete(project: Project):
    projects.delete(project, actor=current_user)
    return done()


@bp.delete("/project/<id:project_id>/cache")
@requires(Permission.UPDATE_PROJECT)
def clear_cache(project: Project):
    """Delete the caches of the project."""
    caches.clear_all(project, actor=current_user)
    return done()


@bp.post("/project/<id:project_id>/notifications/test")
@requires(Permission.UPDATE_PROJECT)
def test_notification(project: Project):
    """Send a test to where the project's alerts go."""
    alerts.send_test(project)
    return done()


@bp.get("/project/<id:project_id>/role")
@requires(Permission.VIEW)
def role(project: Project):
    """One's own role and what it may: 1 run, 2 project, 4 resources, 8 members."""
    return dump(RoleOut, {"role": g.role or "", "permissions": guard.permissions()})


@bp.delete("/project/<id:project_id>/me")
@requires(Permission.VIEW)
def leave(project: Project):
    """Leave the project; owners cannot."""
    project_users.leave(project, actor=current_user)
    return done()
