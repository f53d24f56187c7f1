"""The page of apps, for administrators."""

from collections.abc import Callable

from flask.testing import FlaskClient

from app.db import db
from app.models import Project
from app.services import apps
from tests import factories

Browser = Callable[[str], FlaskClient]

RUBY = {"id": "ruby", "title": "Ruby", "path": "/opt/ruby", "args": "-w\n--jit", "icon": "boxes",
        "priority": "50", "active": "1"}  # fmt: skip


def test_an_app_is_made_and_offered(browser: Browser, project: Project) -> None:
    root = browser("root")
    assert root.post("/admin/apps", data=RUBY).location == "/admin/apps"
    page = root.get("/admin/apps").text
    assert "/opt/ruby -w --jit" in page
    assert apps.get("ruby").args == ("-w", "--jit")
    choose = browser("alice").get(f"/p/{project.id}/templates/new").text
    assert "New Ruby template" in choose and "#boxes" in choose
    assert browser("alice").get(f"/p/{project.id}/templates/new/ruby").status_code == 200


def test_one_that_is_not_offered_is_not_chosen(browser: Browser, project: Project) -> None:
    browser("root").post("/admin/apps/bash/edit", data={"title": "", "priority": "700"})
    choose = browser("alice").get(f"/p/{project.id}/templates/new").text
    assert "New Bash template" not in choose and "New Python template" in choose


def test_a_new_title_is_shown_wherever_the_app_is(browser: Browser, project: Project) -> None:
    template = factories.template(project)
    browser("root").post("/admin/apps/bash/edit", data={"title": "Shell", "active": "1"})
    page = browser("alice").get(f"/p/{project.id}/templates/{template.id}").text
    assert "Shell" in page and "Bash" not in page


def test_an_edit_begins_with_what_is_stored(browser: Browser) -> None:
    browser("root").post("/admin/apps", data=RUBY)
    page = browser("root").get("/admin/apps/ruby/edit").text
    assert 'value="/opt/ruby"' in page and "-w\n--jit" in page
    assert '<option value="boxes" selected>' in page


def test_what_was_refused_stays_in_the_form(browser: Browser) -> None:
    for change, why in (({"id": "bash"}, "Already taken"), ({"id": "a b"}, "Must be letters"),
                        ({"priority": "high"}, "Must be a whole number")):  # fmt: skip
        answer = browser("root").post("/admin/apps", data=RUBY | change)
        assert answer.status_code == 422
        assert why in answer.text and "/opt/ruby" in answer.text and "--jit" in answer.text
    assert apps.find("ruby") is None


def test_it_is_deleted_and_a_built_in_one_reset(browser: Browser, project: Project) -> None:
    root = browser("root")
    root.post("/admin/apps", data=RUBY)
    root.post("/admin/apps/bash/edit", data={"title": "Shell", "active": "1"})
    assert "Reset app" in root.get("/admin/apps/bash/delete").text
    template = factories.template(project, app="ruby")
    kept = root.get("/admin/apps/ruby/delete").text
    assert "Templates have it" in kept and "Delete app" not in kept
    assert f'href="/p/{project.id}/templates/{template.id}"' in kept and template.name in kept
    assert root.post("/admin/apps/ruby/delete").status_code == 409
    db.session.delete(template)
    db.session.commit()
    assert "Delete app" in root.get("/admin/apps/ruby/delete").text
    for app_id in ("ruby", "bash"):
        assert root.post(f"/admin/apps/{app_id}/delete").location == "/admin/apps"
    assert apps.find("ruby") is None and apps.get("bash").title == ""
