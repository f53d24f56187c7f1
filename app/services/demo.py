"""A project to try things with, made of files that come with the program: no network, no key."""

from typing import NamedTuple

from sqlalchemy import select

from app.db import db
from app.demo import BRANCH, URL
from app.executors import executor_of
from app.models import AccessKey, AccessKeyType, InventoryType, Project, User
from app.schemas.inventories import InventoryIn
from app.schemas.projects import NewProjectIn, ProjectIn
from app.schemas.repositories import RepositoryIn
from app.schemas.task_templates import TaskTemplateIn
from app.services import inventories, projects, repositories, task_templates

NAME = "Demo"
HERE = "localhost ansible_connection=local\n"


class Example(NamedTuple):
    name: str
    script: str
    description: str
    app: str = "bash"


EXAMPLES = (
    Example("Hello", "hello.sh", "Greets you and shows what a script knows about its run"),
    Example("System facts", "system.yml", "A playbook that looks at this machine", "ansible"),
    Example("Fail on purpose", "fail.sh", "How a failure looks, and where its reason stands"),
    Example("Big log", "big-log.sh", "Writes 100,000 lines: scroll, search, jump"),
    Example("Slow countdown", "countdown.sh", "Takes half a minute: watch it, or stop it"),
)


def create(*, actor: User | None) -> Project:
    """Create the project Demo with everything that fill() adds; `actor` becomes its owner."""
    project = projects.create(ProjectIn(name=NAME), actor=actor)
    fill(project, actor=actor)
    return project


def create_asked(data: NewProjectIn, *, actor: User) -> Project:
    """Make a project, with what the demo has if the client asks for that."""
    project = projects.create(data, actor=actor)
    if data.demo:
        fill(project, actor=actor)
    return project


def fill(project: Project, *, actor: User | None) -> None:
    """Add the demo's repository and its templates to a project."""
    repository = repositories.create(
        project,
        RepositoryIn(
            name="Demo scripts", git_url=URL, git_branch=BRANCH, ssh_key_id=_no_key(project)
        ),
        actor=actor,
    )
    here = InventoryIn(name="This machine", type=InventoryType.STATIC, inventory=HERE)
    inventory = inventories.create(project, here, actor=actor)
    for example in EXAMPLES:
        data = TaskTemplateIn(
            name=example.name,
            description=example.description,
            app=example.app,
            playbook=example.script,
            inventory_id=inventory.id if executor_of(example.app).needs_inventory else None,
            repository_id=repository.id,
        )
        task_templates.create(project, data, actor=actor)


def _no_key(project: Project) -> int:
    """The key that means none; every project gets one when it is made."""
    query = select(AccessKey.id).filter_by(project_id=project.id, type=AccessKeyType.NONE, owner="")
    found = db.session.scalar(query.order_by(AccessKey.id))
    assert found is not None
    return found
