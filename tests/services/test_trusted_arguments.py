"""Who may give a run arguments of every kind: who could write them into the template."""

import pytest

from app.errors import Invalid
from app.models import Project, TaskTemplate, User
from app.schemas.tasks import TaskIn
from app.services import tasks
from tests import factories

RUN, BOTH = 1, 5


@pytest.fixture
def template(project: Project) -> TaskTemplate:
    return factories.template(
        project, app="ansible", playbook="site.yml", allow_override_args_in_task=True,
        inventory_id=factories.inventory(project).id,
    )  # fmt: skip


def start(project: Project, template: TaskTemplate, who: User) -> str | None:
    data = TaskIn(template_id=template.id, arguments='["--become"]')
    return tasks.start(project, data, actor=who).arguments


def test_a_manager_gives_all(project: Project, template: TaskTemplate, cast) -> None:
    assert start(project, template, cast["bob"]) == '["--become"]'


def test_who_may_edit_this_template_by_a_role_gives_all(
    project: Project, template: TaskTemplate, cast
) -> None:
    role = factories.role(project, "deployers", BOTH)
    factories.attached(template, role, BOTH)
    factories.holds(project, cast["carol"], role)
    assert start(project, template, cast["carol"]) == '["--become"]'


def test_who_may_only_run_it_does_not(project: Project, template: TaskTemplate, cast) -> None:
    role = factories.role(project, "deployers", BOTH)
    factories.attached(template, role, RUN)
    factories.holds(project, cast["carol"], role)
    with pytest.raises(Invalid, match="by who may edit the template"):
        start(project, template, cast["carol"])
