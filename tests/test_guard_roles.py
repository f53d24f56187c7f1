"""What custom roles open: runs and management of their templates, and nothing else."""

import random
import re
from collections.abc import Mapping
from typing import Any

import pytest
from flask import Flask

from app.guard import ITS_TEMPLATE, SOME_TEMPLATE
from app.models import Project, TaskTemplate, User
from app.permissions import AT_TEMPLATE, Permission
from app.services import template_roles
from tests import factories, world
from tests.routes import API, RESOURCES, RUN
from tests.test_guard import ALL, REFUSED, send
from tests.world import World

IN_PROJECT, P = "/api/project/<project_id>", "/p/<project_id>"
TEMPLATE, RUN_PAGE = f"{P}/templates/<template_id>", f"{P}/runs/<task_id>"

# Written down once more on purpose: a mark that was added by mistake is noticed.
GIVEN: dict[str, Permission] = {
    f"POST {IN_PROJECT}/tasks": RUN,
    f"POST {IN_PROJECT}/tasks/<task_id>/stop": RUN,
    f"POST {IN_PROJECT}/tasks/<task_id>/confirm": RUN,
    f"POST {IN_PROJECT}/tasks/<task_id>/reject": RUN,
    f"POST {IN_PROJECT}/templates/<template_id>/stop_all_tasks": RUN,
    f"PUT {IN_PROJECT}/templates/<template_id>": RESOURCES,
    f"PUT {IN_PROJECT}/templates/<template_id>/description": RESOURCES,
    f"DELETE {IN_PROJECT}/templates/<template_id>": RESOURCES,
    f"POST {IN_PROJECT}/templates/<template_id>/inventory/<inventory_id>/set_default": RESOURCES,
    f"POST {RUN_PAGE}/pin": RUN,
    f"POST {RUN_PAGE}/stop": RUN,
    f"GET {RUN_PAGE}/<word>": RUN,
    f"POST {RUN_PAGE}/<word>": RUN,
    f"GET {TEMPLATE}/run": RUN,
    f"POST {TEMPLATE}/run": RUN,
    f"POST {TEMPLATE}/run/_command": RUN,
    f"GET {TEMPLATE}/run/_choices": RUN,
    f"GET {TEMPLATE}/run/_hosts": RUN,
    f"GET {TEMPLATE}/edit": RESOURCES,
    f"POST {TEMPLATE}/edit": RESOURCES,
    f"GET {TEMPLATE}/workspaces/<inventory_id>/default": RESOURCES,
    f"POST {TEMPLATE}/workspaces/<inventory_id>/default": RESOURCES,
    f"GET {TEMPLATE}/delete": RESOURCES,
    f"POST {TEMPLATE}/delete": RESOURCES,
}
# Parts of a form that tell nothing of a template: who manages one may fill it in.
PARTS: dict[str, Permission] = {
    f"POST {P}/templates/new/<app>/_command": RESOURCES,
    f"POST {P}/templates/new/<app>/_survey": RESOURCES,
    f"GET {P}/templates/new/<app>/_field/repository_id": RESOURCES,
}


@pytest.fixture
def everything(cast: dict[str, User], project: Project) -> World:
    return world.build(cast, project)


def hello(ids: Mapping[str, Any]) -> list[TaskTemplate]:
    """The templates that the routes act upon."""
    from_ids = (ids["template_id"], ids["used_template_id"], ids["infra_id"])
    return [factories.again(TaskTemplate, template_id) for template_id in from_ids]


def refused_to(name: str) -> list[str]:
    """The routes below a project that somebody of the cast may not call."""
    return [
        route
        for route in ALL
        if "<project_id>" in route and REFUSED[ALL[route].access].get(name) == 403
    ]


def test_only_these_views_are_opened_by_a_custom_role(app: Flask) -> None:
    marked = set()
    for rule in app.url_map.iter_rules():
        at = getattr(app.view_functions[rule.endpoint], "at", None)
        if at in (ITS_TEMPLATE, SOME_TEMPLATE):
            path = re.sub(r"<(?:[^:<>]+:)?(\w+)>", r"<\1>", rule.rule)
            marked |= {f"{method} {path}" for method in rule.methods - {"HEAD", "OPTIONS"}}
    assert marked == set(GIVEN) | set(PARTS)


@pytest.mark.parametrize("name", GIVEN | PARTS)
def test_a_guest_with_the_role_succeeds_at_its_template(
    name: str, app: Flask, everything: World, cast: dict[str, User], project: Project
) -> None:
    wanted = (GIVEN | PARTS)[name]
    role = factories.role(project, "narrow", permissions=int(wanted))
    for template in hello(everything.mine):
        factories.attached(template, role, int(wanted))
    client = client_of(app, name)
    refused = send(client, name, ALL[name], everything.mine)
    assert refused.status_code == 403
    factories.holds(project, cast["dave"], role)
    answer = send(client, name, ALL[name], everything.mine)
    assert answer.status_code == ALL[name].status, answer.text


def client_of(app: Flask, name: str) -> Any:
    return (factories.api_of if " /api/" in name else factories.browser_of)(app)("dave")


@pytest.mark.parametrize("bits", [1, 2, 4, 8, 15])
def test_no_bit_opens_more_than_its_views(
    bits: int, app: Flask, everything: World, cast: dict[str, User], project: Project
) -> None:
    """Refused are all views but those of this bit, with the very template of the role."""
    role = factories.role(project, "some", permissions=bits)
    for template in hello(everything.mine):
        factories.attached(template, role, bits)
    factories.holds(project, cast["dave"], role)
    opened = {name for name, wanted in (GIVEN | PARTS).items() if wanted in Permission(bits)}
    assert statuses(app, set(refused_to("dave")) - opened, everything.mine) == {403}


def test_another_template_is_as_closed_as_before(
    app: Flask, everything: World, cast: dict[str, User], project: Project
) -> None:
    role = factories.role(project, "all-of-it", permissions=15)
    factories.attached(factories.template(project, "Another"), role, 15)
    factories.holds(project, cast["dave"], role)
    assert statuses(app, set(refused_to("dave")) - set(PARTS), everything.mine) == {403}


def statuses(app: Flask, names: set[str], ids: Mapping[str, Any]) -> set[int]:
    browser, api = factories.browser_of(app)("dave"), factories.api_of(app)("dave")
    assert names
    return {
        send(api if name in API else browser, name, ALL[name], ids).status_code for name in names
    }


def test_a_role_of_all_projects_counts_where_it_is_held(
    app: Flask, everything: World, cast: dict[str, User], project: Project
) -> None:
    """Held in one project, attached in another: it gives nothing in either."""
    role = factories.role(None, "everywhere", permissions=15)
    factories.holds(project, cast["dave"], role)
    other = factories.project("Second")
    template = factories.template(other, "There")
    factories.attached(template, role, 15)
    client, url = factories.api_of(app)("dave"), f"/api/project/{other.id}/tasks"
    assert client.post(url, json={"template_id": template.id}).status_code == 404
    factories.member(other, cast["dave"], "guest")
    assert client.post(url, json={"template_id": template.id}).status_code == 403
    here = f"/api/project/{project.id}/tasks"
    assert client.post(here, json={"template_id": template.id}).status_code == 403
    factories.holds(other, cast["dave"], role)
    assert client.post(url, json={"template_id": template.id}).status_code == 201
    assert client.post(here, json={"template_id": template.id}).status_code == 403


def test_the_name_of_a_template_is_looked_at_as_its_id_is(
    app: Flask, cast: dict[str, User], project: Project
) -> None:
    mine, other = factories.template(project, "Mine"), factories.template(project, "Other")
    role = factories.role(project, "runners", permissions=1)
    factories.attached(mine, role, 1)
    factories.holds(project, cast["dave"], role)
    client, url = factories.api_of(app)("dave"), f"/api/project/{project.id}/tasks"
    assert client.post(url, json={"template_name": "Mine"}).json["template_id"] == mine.id
    assert client.post(url, json={"template_name": "Other"}).status_code == 403
    both = {"template_id": other.id, "template_name": "Mine"}
    assert client.post(url, json=both).status_code == 403
    assert client.post(url, json={"template_name": "Missing"}).status_code == 400


@pytest.mark.parametrize("seed", range(8))
def test_rights_are_what_roles_and_attachments_say(
    seed: int, app: Flask, cast: dict[str, User], project: Project
) -> None:
    """Random roles and attachments, against the rule written down in another way."""
    dice = random.Random(seed)
    other = factories.project("Other")
    factories.member(other, cast["dave"], "guest")
    places = [project, other]
    templates = [factories.template(dice.choice(places), f"T{n}") for n in range(6)]
    roles = [
        factories.role(dice.choice([None, *places]), f"r{n}", dice.randrange(16)) for n in range(5)
    ]
    attached = [
        (template, role, factories.attached(template, role, dice.randrange(16)).permissions)
        for template in templates
        for role in roles
        if role.project_id in (None, template.project_id) and dice.random() < 0.6
    ]
    for place in places:
        usable = [role for role in roles if role.project_id in (None, place.id)]
        held = dice.sample(usable, dice.randrange(len(usable) + 1))
        factories.holds(place, cast["dave"], *held)
        rights = template_roles.rights_of(cast["dave"], place, Permission.VIEW)
        for template in templates:
            wanted = Permission.VIEW
            for where, role, bits in attached:
                if where is template and role in held and template.project_id == place.id:
                    wanted |= Permission(bits & role.permissions) & AT_TEMPLATE
            assert rights.at(template.id) == wanted
        assert set(rights.added) <= {t.id for t in templates if t.project_id == place.id}


def test_a_role_that_is_taken_or_made_narrower_counts_at_once(
    app: Flask, cast: dict[str, User], project: Project
) -> None:
    template = factories.template(project)
    role = factories.role(project, "runners", permissions=5)
    factories.attached(template, role, 5)
    factories.holds(project, cast["dave"], role)
    client, alice = factories.api_of(app)("dave"), factories.api_of(app)("alice")
    url = f"/api/project/{project.id}"

    def status() -> int:
        return client.post(f"{url}/tasks", json={"template_id": template.id}).status_code

    assert status() == 201
    narrower = {"name": "Runners", "permissions": 4}
    assert alice.put(f"{url}/roles/runners", json=narrower).status_code == 204
    assert status() == 403
    wider = {"name": "Runners", "permissions": 1}
    assert alice.put(f"{url}/roles/runners", json=wider).status_code == 204
    assert status() == 201
    member = {"role": "guest", "roles": []}
    assert alice.put(f"{url}/users/{cast['dave'].id}", json=member).status_code == 204
    assert status() == 403
