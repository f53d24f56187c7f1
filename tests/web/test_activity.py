"""The page of a project's activity."""

import csv
import io
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.db import db
from app.models import Project, User
from app.services import activity_lists, events, keyset
from tests import factories

Browser = Callable[[str], FlaskClient]


@pytest.fixture
def url(project: Project) -> str:
    return f"/p/{project.id}/activity"


def note(project: Project, actor: User | None, verb: str, obj: object | None = None) -> None:
    events.record(project.id, actor, obj or project, verb)
    db.session.commit()


def test_it_tells_who_did_what_newest_first(browser: Browser, project: Project, url, cast) -> None:
    template = factories.template(project, "Deploy")
    note(project, cast["bob"], "created", template)
    note(project, None, "updated")
    page = browser("dave").get(url).text
    assert page.index("Template Deploy created") > page.index("updated")
    assert f'href="/p/{project.id}/templates/{template.id}"' in page
    assert "The server" in page and cast["bob"].name in page


def test_what_was_deleted_is_no_link(browser: Browser, project: Project, url, cast) -> None:
    template = factories.template(project, "Deploy")
    note(project, cast["bob"], "deleted", template)
    page = browser("dave").get(url).text
    assert "Template Deploy deleted" in page
    assert f"/templates/{template.id}" not in page


def test_it_is_narrowed_down(browser: Browser, project: Project, url, cast) -> None:
    note(project, cast["bob"], "created", factories.repository(project, name="Site"))
    note(project, cast["alice"], "created", factories.template(project, "100%"))
    dave = browser("dave")
    for query, shown in ((f"by={cast['bob'].id}", "Site"), ("kind=template", "100%"),
                         ("q=0%25", "100%"), ("q=SITE", "Site")):  # fmt: skip
        page = dave.get(f"{url}?{query}").text
        assert {"Site", "100%"} & set(page.replace("<", " ").split()) == {shown}, query
    assert "Clear filters" in dave.get(f"{url}?q=nothing+like+it").text


def test_a_project_without_events_says_so(browser: Browser, url) -> None:
    assert "Nothing happened yet" in browser("dave").get(url).text


def test_one_goes_from_page_to_page(browser: Browser, project: Project, url, cast) -> None:
    for number in range(keyset.SIZE + 1):
        events.record(project.id, cast["bob"], project, f"changed {number:02}.")
    db.session.commit()
    first = browser("dave").get(url).text
    assert "changed 26." not in first and "changed 25." in first and "changed 00." not in first
    older = activity_lists.find(project, activity_lists.Search()).events.older
    second = browser("dave").get(f"{url}?before={older}").text
    assert "changed 00." in second and "changed 01." not in second


def test_a_members_name_stands_beside_his_id(browser: Browser, project: Project, url, cast) -> None:
    events.record(project.id, None, cast["carol"], "added to team", name=f"ID {cast['carol'].id}")
    db.session.commit()
    page = browser("dave").get(url).text
    assert f"User ID {cast['carol'].id} added to team" in page and cast["carol"].name in page


def test_the_file_has_all_of_it(
    browser: Browser, project: Project, url, cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activity_lists, "PART", 3)
    for number in range(6):
        events.record(project.id, cast["bob"], project, f"changed {number}", name='=HYPERLINK("x")')
    db.session.commit()
    answer = browser("dave").get(f"{url}/activity.csv")
    assert answer.mimetype == "text/csv"
    head, *lines = csv.reader(io.StringIO(answer.text))
    assert head == ["time", "user", "object", "id", "name", "what"]
    assert [line[5][-1] for line in lines] == ["5", "4", "3", "2", "1", "0"]
    assert lines[0][1:5] == ["bob", "project", str(project.id), '\'=HYPERLINK("x")']
    assert lines[0][0].endswith("+00:00")


def test_the_file_names_the_schedule_that_started_a_run(
    browser: Browser, project: Project, url
) -> None:
    template = factories.template(project)
    run = factories.task(template, schedule_id=factories.schedule(template, "Nightly").id)
    note(project, None, "queued for running", run)
    lines = csv.reader(io.StringIO(browser("dave").get(f"{url}/activity.csv").text))
    assert [line[1] for line in lines] == ["user", "Nightly"]


def test_the_file_has_what_the_filters_let_through(
    browser: Browser, project: Project, url, cast
) -> None:
    note(project, cast["bob"], "created")
    note(project, cast["alice"], "updated")
    text = browser("dave").get(f"{url}/activity.csv?by={cast['bob'].id}").text
    assert "created" in text and "updated" not in text
