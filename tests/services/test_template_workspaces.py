"""Workspaces of a template: new ones, what can be attached, and two who change them at once."""

from functools import partial

import pytest
from flask import Flask

from app.db import transaction
from app.errors import DomainError, Invalid
from app.models import Inventory, Project, TaskTemplate
from app.schemas.inventories import WorkspaceIn
from app.services import dispatch, inventories, template_workspaces
from tests import factories
from tests.services.meanwhile import meanwhile


def infra(project: Project, name: str = "Infra", **values) -> TaskTemplate:
    return factories.template(project, name, **{"app": "terraform"} | values)


@pytest.mark.parametrize("tool", ["terraform", "tofu", "terragrunt"])
def test_a_new_one_is_held_and_offered_to_runs_of_its_template_alone(project, tool: str) -> None:
    default = factories.inventory(project, "first", type=f"{tool}-workspace", inventory="first")
    mine, other = (
        infra(project, app=tool, inventory_id=default.id),
        infra(project, "Other", app=tool),
    )
    key = factories.access_key(project, type="ssh")
    given = WorkspaceIn(workspace="stage", ssh_key_id=key.id)
    with transaction():
        made = template_workspaces.create(project, mine, given, actor=None)
    assert (made.name, made.inventory, made.type) == ("Infra - stage", "stage", f"{tool}-workspace")
    assert (made.template_id, made.ssh_key_id) == (mine.id, key.id)
    assert mine.inventory_id == default.id
    offered = [[id_ for id_, _ in inventories.offered(project, one)] for one in (mine, other)]
    assert (made.id in offered[0], made.id in offered[1]) == (True, False)


def test_the_first_one_is_the_default(project: Project) -> None:
    template = infra(project)
    with transaction():
        given = WorkspaceIn(workspace="prod")
        made = template_workspaces.create(project, template, given, actor=None)
    assert factories.again(TaskTemplate, template.id).inventory_id == made.id


def test_a_name_is_given_once_in_a_template(project: Project) -> None:
    one, other = infra(project), infra(project, "Other")
    given = WorkspaceIn(workspace="prod")
    template_workspaces.create(project, one, given, actor=None)
    template_workspaces.create(project, other, given, actor=None)
    with pytest.raises(Invalid) as refused:
        template_workspaces.create(project, one, given, actor=None)
    assert refused.value.fields == {"workspace": "This template has a workspace prod already"}


def test_the_default_of_the_tool_is_one_whether_it_is_named_or_not(project: Project) -> None:
    unnamed = factories.inventory(project, "ws", type="terraform-workspace", inventory="")
    template = infra(project, inventory_id=unnamed.id)
    with pytest.raises(Invalid, match="has a workspace default already"):
        given = WorkspaceIn(workspace="default")
        template_workspaces.create(project, template, given, actor=None)


def test_of_two_who_make_the_first_one_at_once_the_first_makes_the_default(
    app: Flask, project
) -> None:
    template = infra(project)

    def create(name: str) -> int:
        mine = factories.again(TaskTemplate, template.id)
        given = WorkspaceIn(workspace=name)
        return template_workspaces.create(project, mine, given, actor=None).id

    thread, others = meanwhile(app, partial(create, "second"))
    with transaction():
        first = create("first")
        thread.start()
        thread.join(0.5)
    thread.join(20)
    assert factories.again(TaskTemplate, template.id).inventory_id == first
    assert factories.again(Inventory, others[0]).template_id == template.id


def test_a_template_of_another_kind_gets_none(project: Project) -> None:
    with pytest.raises(Invalid, match="is not supported"):
        given = WorkspaceIn(workspace="prod")
        template_workspaces.create(project, factories.template(project), given, actor=None)


@pytest.mark.parametrize("name", ["", "  ", "-chdir=x", "a b", "a/b", "ä", "a\n", ".."])
def test_names_that_no_tool_takes_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="workspace"):
        WorkspaceIn(workspace=name)


def test_what_somebody_holds_or_names_is_not_attachable(project: Project) -> None:
    names = ("default", "mine", "held", "named", "free")
    default, mine, held, named, free = (factories.workspace(project, name) for name in names)
    factories.inventory(project, "tofu", type="tofu-workspace")
    template = infra(project, inventory_id=default.id)
    other = infra(project, "Other", inventory_id=named.id)
    mine.template_id, held.template_id = template.id, other.id
    factories.save()
    assert template_workspaces.attachable(project, template) == [(free.id, "free")]


def test_what_another_template_names_is_not_attached(project: Project) -> None:
    named = factories.workspace(project, "named")
    template = infra(project)
    infra(project, "Other", inventory_id=named.id)
    with pytest.raises(Invalid, match="already attached to another template"):
        template_workspaces.attach(project, template, named, actor=None)
    assert named.template_id is None


def test_a_run_that_is_claimed_meanwhile_keeps_the_default(app: Flask, project) -> None:
    default, held = (factories.workspace(project, name) for name in ("default", "held"))
    template = infra(project, inventory_id=default.id)
    default.template_id = held.template_id = template.id
    factories.save()
    task = factories.task(template)

    def change() -> None:
        mine = factories.again(TaskTemplate, template.id)
        inventory = inventories.get(project, held.id)
        template_workspaces.make_default(project, mine, inventory, actor=None)

    thread, others = meanwhile(app, change)
    with transaction():
        assert dispatch.claim("", "worker", "claim").id == task.id
        thread.start()
        thread.join(0.5)
    thread.join(20)
    [refused] = others
    assert f"Run #{task.id} works with the default" in str(refused)
    assert factories.again(TaskTemplate, template.id).inventory_id == default.id


def test_of_two_templates_that_attach_one_at_once_one_is_told(app: Flask, project) -> None:
    one, other, free = infra(project), infra(project, "Other"), factories.workspace(project, "free")

    def attach(template_id: int) -> int:
        template = factories.again(TaskTemplate, template_id)
        inventory = inventories.get(project, free.id)
        template_workspaces.attach(project, template, inventory, actor=None)
        return template_id

    thread, others = meanwhile(app, partial(attach, other.id))
    with transaction():
        attach(one.id)
        thread.start()
        thread.join(0.5)
    thread.join(20)
    [refused] = others
    assert isinstance(refused, DomainError) and "attached to another" in str(refused)
    assert factories.again(Inventory, free.id).template_id == one.id


@pytest.mark.parametrize("status", ["waiting", "running", "waiting_confirmation"])
def test_what_a_run_has_chosen_is_not_detached(project: Project, status: str) -> None:
    template, held = infra(project), factories.workspace(project, "held")
    held.template_id = template.id
    task = factories.task(template, status=status, inventory_id=held.id)
    with pytest.raises(Invalid, match=f"Run #{task.id} works with this workspace"), transaction():
        template_workspaces.detach(project, template, held, actor=None)
    task.status = "success"
    factories.save()
    with transaction():
        template_workspaces.detach(project, template, held, actor=None)
    assert held.template_id is None


def test_what_becomes_the_default_meanwhile_is_not_detached(app: Flask, project) -> None:
    template, held = infra(project), factories.workspace(project, "held")
    held.template_id = template.id
    factories.save()

    def change(use_case) -> None:
        use_case(project, factories.again(TaskTemplate, template.id),
                 inventories.get(project, held.id), actor=None)  # fmt: skip

    thread, others = meanwhile(app, partial(change, template_workspaces.detach))
    with transaction():
        change(template_workspaces.make_default)
        thread.start()
        thread.join(0.5)
    thread.join(20)
    [refused] = others
    assert isinstance(refused, DomainError) and "the default first" in str(refused)
    assert factories.again(Inventory, held.id).template_id == template.id
