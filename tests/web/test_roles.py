"""Pages of custom roles, and of who may run a template."""

import html
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.db import db, transaction
from app.models import CustomRole, Project, TemplateRole, User
from tests import factories

Browser = Callable[[str], FlaskClient]


@pytest.fixture
def url(project: Project) -> str:
    return f"/p/{project.id}/team/roles"


def roles() -> list[tuple[str, str, int]]:
    db.session.expire_all()
    found = db.session.scalars(select(CustomRole).order_by(CustomRole.id))
    return [(role.slug, role.name, role.permissions) for role in found]


def text(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return html.unescape(answer.text)


@pytest.mark.parametrize(("name", "of_all"), [("root", True), ("alice", False)])
def test_a_role_is_made_changed_and_deleted(
    browser: Browser, url: str, name: str, of_all: bool
) -> None:
    client, url = browser(name), "/admin/roles" if of_all else url
    assert "No roles yet" in text(client, url)
    assert "Start runs of the template" in text(client, f"{url}/new")
    form = {"name": "Release Team", "bits": ["1", "4"]}
    assert client.post(url, data=form).status_code == 303
    assert roles() == [("release-team", "Release Team", 5)]
    assert "Run and manage" in text(client, url)
    own = f"{url}/release-team"
    assert text(client, f"{own}/edit").count(" checked>") == 2
    assert client.post(f"{own}/edit", data={"name": "Team", "bits": "1"}).status_code == 303
    assert roles() == [("release-team", "Team", 1)]
    assert client.post(f"{own}/delete").status_code == 303
    assert roles() == []


@pytest.mark.parametrize(
    ("form", "word"),
    [
        ({"name": ""}, "Role name cannot be empty"),
        ({"name": "Owner"}, "Role name is reserved"),
        ({"name": "Fine", "slug": "Not fine"}, "small letters"),
        ({"name": "Fine", "bits": "64"}, "Must be at most 15"),
        ({"name": "Fine", "bits": ["1", "abc"]}, "Permissions: Must be a whole number"),
        ({"name": "Fine", "bits": "²"}, "Permissions: Must be a whole number"),
        ({"name": "Fine", "slug": "taken"}, "There is a role taken already"),
    ],
)
def test_a_bad_role_is_refused_at_its_field(
    browser: Browser, project: Project, url: str, form: dict, word: str
) -> None:
    factories.role(project, "taken")
    answer = browser("alice").post(url, data=form)
    assert answer.status_code == 422 and word in html.unescape(answer.text)
    assert len(roles()) == 1


def test_two_who_change_a_role_at_once(browser: Browser, project: Project, url: str) -> None:
    factories.role(project, "deployers")
    alice, own = browser("alice"), f"{url}/deployers/edit"
    first = {"name": "First", "bits": "1", "version": "0"}
    assert alice.post(own, data=first).status_code == 303
    late = alice.post(own, data=first | {"name": "Second", "bits": "4"})
    assert late.status_code == 409 and "Save mine" in late.text and "First" in late.text
    assert roles() == [("deployers", "First", 1)]


def test_members_see_roles_and_owners_change_them(
    browser: Browser, project: Project, url: str
) -> None:
    factories.role(project, "deployers")
    factories.role(None, "operators")
    seen = text(browser("dave"), url)
    assert "Deployers" in seen and "of all projects" in seen and "New role" not in seen
    page = text(browser("alice"), url)
    assert f"{url}/deployers/edit" in page and f"{url}/operators/edit" not in page
    assert f"{url}/operators/holders" in page


def test_the_page_says_what_the_built_in_roles_allow(browser: Browser, url: str) -> None:
    table = text(browser("dave"), url).partition('id="built-in"')[2]
    manager = table.partition("Manager")[2].partition("</tr>")[0]
    assert re.findall(">(Yes|No)<", manager) == ["Yes", "Yes", "No", "No"]
    assert "Built-in" not in text(browser("root"), "/admin/roles")


def test_a_role_in_use_names_who_has_it(
    browser: Browser, project: Project, url: str, cast: dict[str, User]
) -> None:
    role = factories.role(project, "deployers")
    factories.attached(factories.template(project, "Deploy web"), role)
    factories.holds(project, cast["dave"], role)
    alice = browser("alice")
    page = text(alice, f"{url}/deployers/delete")
    assert "Can't delete" in page and "Deploy web" in page and "Dave" in page
    assert alice.post(f"{url}/deployers/delete").status_code == 409
    assert len(roles()) == 1


@pytest.mark.parametrize("of_all", [True, False])
def test_members_are_given_a_role_and_lose_it(
    browser: Browser, project: Project, url: str, cast: dict[str, User], of_all: bool
) -> None:
    factories.role(None if of_all else project, "deployers")
    alice, own = browser("alice"), f"{url}/deployers/holders"
    assert " checked>" not in text(alice, own)
    both = [cast["dave"].id, cast["carol"].id]
    assert alice.post(own, data={"users": both}).status_code == 303
    assert text(alice, own).count(" checked>") == 2 and "2 members" in text(alice, url)
    assert alice.post(own, data={"users": cast["carol"].id, "held": both}).status_code == 303
    assert text(alice, own).count(" checked>") == 1
    assert alice.post(own, data={"users": cast["mallory"].id}).status_code == 422
    assert text(alice, own).count(" checked>") == 1
    assert "no longer holds the role Deployers" in text(alice, f"/p/{project.id}/activity")


@pytest.mark.parametrize("given", ["abc", "²", str(10**20)])
def test_whom_nobody_knows_changes_no_holders(
    browser: Browser, project: Project, url: str, cast: dict[str, User], given: str
) -> None:
    factories.holds(project, cast["dave"], factories.role(project, "deployers"))
    alice, own = browser("alice"), f"{url}/deployers/holders"
    for sent in ({"users": given}, {"users": given, "held": cast["dave"].id}, {"held": given}):
        refused = alice.post(own, data=sent)
        assert refused.status_code == 422 and f"users: {given}" in refused.text
    assert alice.post(own, data={}).status_code == 303
    assert text(alice, own).count(" checked>") == 1


def test_of_two_who_change_holders_none_undoes_what_the_other_did(
    browser: Browser, project: Project, url: str, cast: dict[str, User]
) -> None:
    deployers, operators = (factories.role(project, slug) for slug in ("deployers", "operators"))
    dave, carol = cast["dave"].id, cast["carol"].id
    alice, members = browser("alice"), f"/p/{project.id}/team"
    assert alice.post(f"{url}/{deployers.slug}/holders", data={"users": dave}).status_code == 303
    late = alice.post(f"{url}/{deployers.slug}/holders", data={"users": carol})
    assert late.status_code == 303
    own = f"{members}/{dave}/custom-roles"
    assert alice.post(own, data={"roles": operators.slug}).status_code == 303
    assert text(alice, own).count(" checked>") == 2
    assert text(alice, f"{url}/deployers/holders").count(" checked>") == 2
    gone = {"roles": operators.slug, "held": ["deployers", "operators"]}
    assert alice.post(own, data=gone).status_code == 303
    assert text(alice, own).count(" checked>") == 1


def test_a_role_of_another_project_is_held_by_nobody_here(browser: Browser, url: str) -> None:
    factories.role(factories.project("Other"), "theirs")
    assert browser("alice").get(f"{url}/theirs/holders").status_code == 404
    assert browser("alice").post(f"{url}/theirs/holders").status_code == 404


def test_the_page_says_who_may_run_a_template_and_why(
    browser: Browser, project: Project, cast: dict[str, User]
) -> None:
    template = factories.template(project)
    access = f"/p/{project.id}/templates/{template.id}/access"
    before = text(browser("dave"), access)
    assert "Carol" in before and "Dave" not in people(before) and "Attach role" not in before
    factories.role(project, "deployers", permissions=1)
    alice = browser("alice")
    assert "Deployers (at most: run)" in text(alice, f"{access}/new")
    refused = alice.post(access, data={"role_slug": "deployers", "bits": ["1", "4"]})
    assert refused.status_code == 422 and "gives at most" in refused.text
    unread = alice.post(access, data={"role_slug": "deployers", "bits": ["1", "x"]})
    assert unread.status_code == 422 and "Permissions: Must be a whole number" in unread.text
    assert alice.post(access, data={"role_slug": "deployers", "bits": "1"}).status_code == 303
    role = db.session.scalars(select(CustomRole)).one()
    factories.holds(project, cast["dave"], role)
    after = people(text(alice, access))
    assert "Dave" in after and "Guest, Deployers" in after
    assert f"/team/{cast['dave'].id}/custom-roles" in after
    assert "custom-roles" not in text(browser("dave"), access)
    grant = db.session.scalars(select(TemplateRole)).one()
    first, own = {"version": "0"}, f"{access}/{grant.id}/edit"
    assert 'name="version" value="0"' in text(alice, own)
    assert alice.post(own, data=first).status_code == 303
    late = alice.post(own, data=first | {"bits": "1"})
    assert late.status_code == 409 and "Save mine" in late.text and "<dd>Nothing" in late.text
    assert "Dave" not in people(text(alice, access))
    assert "Detach" in text(alice, f"{access}/{grant.id}/delete")
    assert alice.post(f"{access}/{grant.id}/delete").status_code == 303
    assert "No role is attached" in text(alice, access)
    assert "There is none" not in text(alice, f"{access}/new")


def people(page: str) -> str:
    return page.partition('id="people"')[2].partition("</table>")[0]


def test_buttons_are_shown_at_the_templates_of_a_role(
    browser: Browser, project: Project, cast: dict[str, User]
) -> None:
    mine, other = factories.template(project, "Mine"), factories.template(project, "Other")
    runs = [factories.task(template, status="running") for template in (mine, other)]
    role = factories.role(project, "deployers", permissions=15)
    factories.attached(mine, role, 15)
    factories.holds(project, cast["dave"], role)
    dave, base = browser("dave"), f"/p/{project.id}"
    listed = text(dave, f"{base}/templates")
    assert "Run Mine" in listed and "Run Other" not in listed and "New template" not in listed
    own = text(dave, f"{base}/templates/{mine.id}")
    assert f"/templates/{mine.id}/edit" in own and "/copy" not in own
    theirs = text(dave, f"{base}/templates/{other.id}")
    assert f"/templates/{other.id}/edit" not in theirs and "Run Other" not in theirs
    assert f"/runs/{runs[0].id}/stop" in text(dave, f"{base}/runs/{runs[0].id}")
    assert f"/runs/{runs[1].id}/stop" not in text(dave, f"{base}/runs/{runs[1].id}")


def test_the_form_offers_what_its_reader_may(
    browser: Browser, project: Project, cast: dict[str, User]
) -> None:
    """Who manages one template makes no repositories, and perhaps does not run it."""
    template = factories.template(project)
    role = factories.role(project, "editors", permissions=5)
    grant = factories.attached(template, role, 4)
    factories.holds(project, cast["dave"], role)
    edit = f"/p/{project.id}/templates/{template.id}/edit"
    page = text(browser("dave"), edit)
    assert "New repository…" not in page and "Save and run…" not in page
    with transaction():
        db.session.get_one(TemplateRole, grant.id).permissions = 5
    assert "Save and run…" in text(browser("dave"), edit)
    for path in (edit, f"/p/{project.id}/templates/new/bash"):
        whole = text(browser("bob"), path)
        assert "New repository…" in whole and "Save and run…" in whole


def test_the_roles_of_one_member(browser: Browser, project: Project, cast: dict[str, User]) -> None:
    own = f"/p/{project.id}/team/{cast['dave'].id}/custom-roles"
    alice = browser("alice")
    assert "This project has none yet" in text(alice, own)
    factories.role(project, "deployers")
    factories.role(None, "operators")
    both = ["deployers", "operators"]
    assert alice.post(own, data={"roles": both}).status_code == 303
    assert text(alice, own).count(" checked>") == 2 and text(alice, own).count('"held"') == 2
    assert alice.post(own, data={"roles": "nobody"}).status_code == 422
    assert text(alice, own).count(" checked>") == 2
    assert alice.post(own, data={"held": both}).status_code == 303
    assert " checked>" not in text(alice, own)
