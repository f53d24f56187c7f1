"""The demo project: everything in it exists in the repository that comes with the program."""

from sqlalchemy import select

from app.db import db
from app.demo import PLAYBOOKS, SCRIPTS
from app.models import Project, TaskTemplate, User
from app.schemas.projects import ProjectIn
from app.services import demo, projects


def test_each_template_runs_a_script_of_the_demo_repository(cast: dict[str, User]) -> None:
    project = demo.create(actor=cast["root"])
    templates = db.session.scalars(select(TaskTemplate).filter_by(project_id=project.id)).all()
    assert sorted(template.playbook for template in templates) == sorted((*PLAYBOOKS, *SCRIPTS))
    assert all(template.description for template in templates)


def test_it_can_fill_a_project_that_exists(project: Project) -> None:
    demo.fill(projects.create(ProjectIn(name="Mine"), actor=None), actor=None)
    names = db.session.scalars(select(TaskTemplate.name).order_by(TaskTemplate.id)).all()
    assert names == [example.name for example in demo.EXAMPLES]
    assert project.id not in db.session.scalars(select(TaskTemplate.project_id)).all()
