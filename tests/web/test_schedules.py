"""Pages of schedules: what runs by itself, when, and what came of it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.clock import utcnow
from app.db import db, transaction
from app.models import Project, Schedule, ScheduleFire, TaskTemplate
from tests import factories

Browser = Callable[[str], FlaskClient]
HX = {"HX-Request": "true"}


@pytest.fixture
def template(project: Project) -> TaskTemplate:
    question = {"name": "size", "title": "Size", "type": "", "required": False}
    return factories.template(project, survey_vars=[question], allow_override_branch_in_task=True)


@pytest.fixture
def url(project: Project) -> str:
    return f"/p/{project.id}/schedules"


def fire(schedule: Schedule, **values) -> ScheduleFire:
    made = ScheduleFire(schedule_id=schedule.id, fire_time=utcnow(), **values)
    with transaction():
        db.session.add(made)
    return made


def stored() -> Schedule:
    return db.session.scalars(select(Schedule)).one()


def test_without_any_it_says_what_they_are_for(browser: Browser, url: str) -> None:
    page = browser("bob").get(url).text
    assert "No schedules yet" in page and "New schedule" in page
    assert "New schedule" not in browser("dave").get(url).text


def test_the_list_says_when_in_words_and_what_came_of_it(
    browser: Browser, template: TaskTemplate, url: str
) -> None:
    soon = utcnow() + timedelta(hours=1)
    first = factories.schedule(
        template, "Nightly", active=True, next_at=soon, timezone="Europe/Prague"
    )
    fire(first, task_id=factories.task(template, status="error").id)
    refused = factories.schedule(template, "Weekly", cron_format="@weekly")
    fire(refused, reason="git_branch: not allowed")
    page = browser("dave").get(url).text
    assert "At 02:00, daily" in page and "Europe/Prague" in page
    assert "At 00:00, on Sunday" in page
    assert "git_branch: not allowed" in page
    assert page.index("Nightly") < page.index("Weekly")
    assert 'role="switch"' not in page
    assert 'role="switch"' in browser("bob").get(url).text


def test_one_shows_its_next_times_in_its_zone_and_the_readers(
    browser: Browser, template: TaskTemplate, url: str
) -> None:
    at = datetime(2030, 3, 30, 1, 30, tzinfo=UTC)
    made = factories.schedule(
        template, active=True, next_at=at, cron_format="30 2 * * *", timezone="Europe/Berlin"
    )
    fire(made, reason="missed, because no worker ran then")
    page = browser("dave").get(f"{url}/{made.id}").text
    assert "Sat 30 Mar 2030 02:30" in page
    assert "Sun 31 Mar 2030 03:00" in page and "Clocks are changed before this" in page
    assert 'datetime="2030-03-31T01:00:00Z"' in page
    assert "missed, because no worker ran then" in page


def test_a_new_one_begins_with_its_template(
    browser: Browser, template: TaskTemplate, url: str
) -> None:
    bob = browser("bob")
    assert "Which template does it run?" in bob.get(f"{url}/new", headers=HX).text
    moved = bob.post(f"{url}/new", data={"template": template.id})
    assert moved.status_code == 303 and f"template={template.id}" in moved.location
    form = bob.get(f"{url}/new?template={template.id}").text
    assert "Size" in form and "Branch" in form and "At 02:00, daily" in form
    assert "Inventory" not in form.partition("What each run is given")[2]
    assert bob.get(f"{url}/new?template=99").status_code == 404
    for number in ("99", "x", str(10**20)):
        assert bob.post(f"{url}/new", data={"template": number}).status_code == 404
        assert bob.post(url, data={"template_id": number}).status_code == 404


def test_it_is_made_with_what_each_run_is_given(
    browser: Browser, template: TaskTemplate, url: str
) -> None:
    sent = {"template_id": template.id, "name": "Nightly", "when": "cron", "active": "1"}
    sent |= {"cron_format": "0 2 * * *", "timezone": "Asia/Kathmandu", "missed": "once"}
    sent |= {"answer.size": "L", "git_branch": "v2", "message": "by night"}
    sent |= {"max_duration": "1.5"}
    assert browser("bob").post(url, data=sent).status_code == 303
    made = stored()
    assert (made.name, made.timezone, made.missed) == ("Nightly", "Asia/Kathmandu", "once")
    assert made.task_params == {
        "environment": '{"size": "L"}', "git_branch": "v2", "message": "by night",
        "max_duration": 90,
    }  # fmt: skip
    form = browser("bob").get(f"{url}/{made.id}/edit").text
    assert 'value="L"' in form and 'value="v2"' in form and 'value="1.5"' in form
    again = sent | {"version": 0, "git_branch": "", "answer.size": "", "message": ""}
    again |= {"max_duration": ""}
    assert browser("bob").post(f"{url}/{made.id}/edit", data=again).status_code == 303
    db.session.refresh(made)
    assert made.task_params is None


def test_one_for_a_time_of_its_zone(browser: Browser, template: TaskTemplate, url: str) -> None:
    sent = {"template_id": template.id, "when": "once", "run_at": "2035-07-01T12:00"}
    sent |= {"timezone": "Europe/Berlin", "active": "1", "delete_after_run": "1"}
    assert browser("bob").post(url, data=sent).status_code == 303
    made = stored()
    assert made.next_at == datetime(2035, 7, 1, 10, tzinfo=UTC)
    assert 'value="2035-07-01T12:00"' in browser("bob").get(f"{url}/{made.id}/edit").text
    assert "Once, on 1 Jul 2035 12:00" in browser("bob").get(url).text


def test_one_for_commits_watches_the_templates_repository(
    browser: Browser, template: TaskTemplate, url: str
) -> None:
    sent = {"template_id": template.id, "when": "commits", "cron_format": "*/5 * * * *"}
    assert browser("bob").post(url, data=sent).status_code == 303
    assert stored().repository_id == template.repository_id
    assert "if there is a new commit" in browser("bob").get(url).text


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"cron_format": "61 * * * *"}, "Minute: 61 is too large, it goes from 0 to 59"),
        ({"when": "once", "run_at": "2020-01-01T00:00"}, "Choose a time in the future"),
        ({"when": "once", "run_at": ""}, "Choose a time"),
        ({"when": "once", "run_at": "9999-12-31T23:59-01:00"}, "Must be in a year from 1000 to"),
        ({"timezone": "Mars/Base"}, "There is no time zone Mars/Base"),
        ({"git_branch": "-x"}, "f-git_branch-error"),
        ({"max_duration": "-1"}, "f-max_duration-error"),
        ({"max_duration": "soon"}, "f-max_duration-error"),
        ({"answer.other": "1", "cron_format": ""}, "Write when, such as 0 2 * * *"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(
    browser: Browser, template: TaskTemplate, url: str, sent: dict, said: str
) -> None:
    given = {"template_id": template.id, "name": "Kept", "when": "cron", "active": "1"}
    given |= {"cron_format": "0 2 * * *", "message": "kept too"} | sent
    answer = browser("bob").post(url, data=given)
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="Kept"' in answer.text and 'value="kept too"' in answer.text
    assert db.session.scalars(select(Schedule)).all() == []


def test_the_preview_tells_the_next_times_or_what_is_wrong(
    browser: Browser, template: TaskTemplate, url: str
) -> None:
    def preview(**given: str) -> str:
        return browser("bob").post(f"{url}/_preview", data=given, headers=HX).text

    text = preview(cron_format="0 9-17 * * mon-fri", timezone="Asia/Kathmandu")
    assert "Every hour, from 09:00 to 17:59, on Monday to Friday" in text
    assert "+05:45" in text and text.count("data-at") == 5
    assert "Five fields are wanted" in preview(cron_format="soon")
    assert "no such time within nine years" in preview(cron_format="0 0 30 2 *")
    assert "Its time has passed" in preview(when="once", run_at="2020-07-01T12:00")
    assert "Once, on 1 Jul 2035 12:00" in preview(when="once", run_at="2035-07-01T12:00")
    assert "Choose a time" in preview(when="once")
    assert "Must be in a year from 1000 to" in preview(when="once", run_at="0001-01-01T00:00+01:00")


def test_what_is_not_due_again_says_why(browser: Browser, template: TaskTemplate, url: str) -> None:
    never = factories.schedule(template, "Never", cron_format="0 0 31 2 *", active=True)
    past = datetime(2020, 1, 1, tzinfo=UTC)
    once = factories.schedule(template, "Once", type="run_at", run_at=past, active=True)
    for row, why in ((never, "There is no such time within nine years"),
                     (once, "Its time has passed")):  # fmt: skip
        assert why in browser("dave").get(f"{url}/{row.id}").text
        assert why in browser("dave").get(url).text


def test_the_next_run_is_told_in_its_zone_with_its_year(
    browser: Browser, template: TaskTemplate, url: str
) -> None:
    at = datetime(2039, 12, 31, 23, tzinfo=UTC)
    factories.schedule(template, type="run_at", run_at=at, next_at=at, active=True,
                       timezone="Europe/Prague")  # fmt: skip
    assert ">1 Jan 2040 00:00</time>" in browser("dave").get(url).text


def test_a_flaw_of_the_cron_line_is_said_once_beside_the_summary(
    browser: Browser, template: TaskTemplate, url: str
) -> None:
    data = {"template_id": template.id, "cron_format": "0 2 * * 7"}
    page = browser("bob").post(url, data=data).text
    assert page.count("Weekday: 7 is too large, it goes from 0 (sun) to 6 (sat)") == 2
    assert "End of range" not in page and "strconv" not in page


def test_one_whose_time_has_passed_is_renamed(
    browser: Browser, template: TaskTemplate, url: str
) -> None:
    past = datetime(2020, 1, 1, 9, 0, 30, tzinfo=UTC)
    made = factories.schedule(template, type="run_at", run_at=past, timezone="Europe/Prague")
    bob, edit = browser("bob"), f"{url}/{made.id}/edit"
    sent = {"template_id": template.id, "when": "once", "timezone": "Europe/Prague"}
    assert 'value="2020-01-01T10:00"' in bob.get(edit).text
    same = sent | {"name": "Renamed", "run_at": "2020-01-01T10:00"}
    assert bob.post(edit, data=same).status_code == 303
    db.session.refresh(made)
    assert (made.name, made.run_at) == ("Renamed", past)
    other = bob.post(edit, data=same | {"run_at": "2020-01-01T10:01"})
    assert other.status_code == 422 and "Choose a time in the future" in other.text


def test_without_a_template_there_is_a_way_to_one(
    browser: Browser, project: Project, url: str
) -> None:
    page = browser("bob").get(f"{url}/new").text
    assert f'<a href="/p/{project.id}/templates/new">New template</a>' in page


def test_fields_of_another_kind(browser: Browser, template: TaskTemplate, url: str) -> None:
    bob = browser("bob")
    assert "datetime-local" in bob.get(f"{url}/_fields?when=once", headers=HX).text
    assert "repository_id" in bob.get(f"{url}/_fields?when=commits", headers=HX).text
    assert bob.get(f"{url}/_fields?when=never").status_code == 404


def test_the_switch(browser: Browser, template: TaskTemplate, url: str) -> None:
    made = factories.schedule(template)
    bob = browser("bob")
    answer = bob.post(f"{url}/{made.id}/active", data={"active": "1"}, headers=HX)
    assert 'aria-checked="true"' in answer.text
    db.session.refresh(made)
    assert made.active and made.next_at
    assert bob.post(f"{url}/{made.id}/active", data={"active": "0"}).status_code == 303
    db.session.refresh(made)
    assert (made.active, made.next_at) == (False, None)


def test_a_template_shows_its_own(browser: Browser, template: TaskTemplate, url: str) -> None:
    project = db.session.get_one(Project, template.project_id)
    factories.schedule(template, "Mine")
    factories.schedule(factories.template(project, "Other"), "Not mine")
    page = browser("bob").get(f"/p/{project.id}/templates/{template.id}/schedules").text
    assert "Mine" in page and "Not mine" not in page
    part = browser("bob").get(f"{url}?template={template.id}", headers=HX).text
    assert "Mine" in part and "Not mine" not in part


def test_two_who_edit_it_at_once(browser: Browser, template: TaskTemplate, url: str) -> None:
    made = factories.schedule(template, lock_version=3)
    sent = {"template_id": template.id, "when": "cron", "cron_format": "@daily", "version": 2}
    answer = browser("bob").post(f"{url}/{made.id}/edit", data=sent)
    assert answer.status_code == 409
    assert "Save mine" in answer.text


def test_it_is_deleted_after_a_question(browser: Browser, template: TaskTemplate, url: str) -> None:
    made = factories.schedule(template)
    assert "no longer runs by itself" in browser("bob").get(f"{url}/{made.id}/delete").text
    assert browser("bob").post(f"{url}/{made.id}/delete").status_code == 303
    assert db.session.scalars(select(Schedule)).all() == []


def test_a_run_names_the_schedule_that_made_it(
    browser: Browser, template: TaskTemplate, url: str
) -> None:
    made = factories.schedule(template, "Nightly")
    run = factories.task(template, schedule_id=made.id)
    runs = url.replace("schedules", "runs")
    assert f'<a href="{url}/{made.id}">Nightly</a>' in browser("dave").get(f"{runs}/{run.id}").text
    assert "schedule </span>Nightly<" in browser("dave").get(runs).text
    with transaction():
        db.session.delete(made)  # as one that goes after its run
    assert "Nightly" not in browser("dave").get(f"{runs}/{run.id}").text
    assert "</svg>schedule<" in browser("dave").get(runs).text
