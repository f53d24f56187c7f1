from datetime import timedelta

import pytest

from app import demo
from app.clock import utcnow
from app.lib.plan_changes import PlanChanges
from app.models import TaskStatus
from app.services import health
from tests import factories

HX = {"HX-Request": "true"}
HOSTILE = """<img src=x onerror="alert('1')">"""
ESCAPED = "&lt;img src=x onerror=&#34;alert(&#39;1&#39;)&#34;&gt;"


@pytest.fixture
def online(project):
    """A worker that lives, so that nothing is said about missing ones."""
    factories.worker()


@pytest.fixture
def template(project):
    return factories.template(project, "Deploy")


def page(client, project, path="", **headers):
    answer = client.get(f"/p/{project.id}{path}", headers=headers)
    return answer.status_code, answer.text


def test_regions_without_content_are_empty_and_still_listen(browser, project, online):
    status, html = page(browser("dave"), project)
    assert status == 200 and "<h1" in html
    for word in ("needs", "now", "failures", "upcoming", "strip"):
        assert f'hx-get="/p/{project.id}/_{word}"' in html
    assert "<h2" not in html.split('id="needs"')[1].split('class="bottombar"')[0]


@pytest.mark.parametrize("region", ["needs", "now", "failures", "upcoming", "strip"])
def test_a_region_alone_is_no_page(browser, project, template, region):
    factories.task(template, status=TaskStatus.ERROR)
    status, html = page(browser("dave"), project, f"/_{region}", **HX)
    assert status == 200 and "<html" not in html and "<section" not in html
    answer = browser("dave").get(f"/p/{project.id}/_{region}")
    assert (answer.status_code, answer.location) == (303, f"/p/{project.id}")


def test_without_a_worker_it_says_what_to_do(browser, project, template):
    factories.task(template)
    html = page(browser("dave"), project, "/_needs", **HX)[1]
    assert "No worker is online" in html and "1 run waits for one" in html and "make worker" in html


def test_drift_is_named_and_leads_to_its_plan(browser, project, template, online):
    run = factories.task(template, status=TaskStatus.SUCCESS, result=f"Drift: {HOSTILE}")
    html = page(browser("dave"), project, "/_needs", **HX)[1]
    assert "Needs you" in html and f"Drift: {ESCAPED}" in html
    assert f'href="/p/{project.id}/runs/{run.id}/plan"' in html


def test_a_full_disk_is_said(browser, project, online, monkeypatch):
    monkeypatch.setattr(health, "has_room", lambda: False)
    assert "disk of the server is full" in page(browser("dave"), project, "/_needs", **HX)[1]


def test_a_failing_template_links_its_last_run(browser, project, template, online):
    factories.task(template, status=TaskStatus.ERROR, reason="Exit code 1")
    last = factories.task(template, status=TaskStatus.ERROR, reason="Exit code 2")
    html = page(browser("dave"), project, "/_needs", **HX)[1]
    assert "Failing since" in html and "2 runs in a row" in html and "Exit code 2" in html
    assert f'href="/p/{project.id}/runs/{last.id}"' in html


def test_what_has_no_room_is_counted_as_well(browser, project, online):
    for n in range(11):
        factories.task(factories.template(project, f"T{n}"), status=TaskStatus.ERROR)
    html = page(browser("dave"), project, "/_needs", **HX)[1]
    assert ">11</span>" in html and html.count("Open run #") == 8
    assert f'href="/p/{project.id}/templates?status=error">3 more</a>' in html


def test_what_runs_is_listed_with_what_waits_and_why(browser, project, template, cast):
    running = factories.task(
        template, status=TaskStatus.RUNNING, start=utcnow(), user_id=cast["carol"].id
    )
    factories.task(template)
    html = page(browser("dave"), project, "/_now", **HX)[1]
    assert f'data-run="{running.id}"' in html and "started by Carol" in html
    assert f"Waits for run #{running.id} of the same template" in html


def test_failures_tell_their_reason(browser, project, template):
    factories.task(template, status=TaskStatus.ERROR, reason="Branch nope does not exist")
    html = page(browser("dave"), project, "/_failures", **HX)[1]
    assert "Branch nope does not exist" in html and "status=error" in html


def test_the_last_days_are_a_picture_with_a_sentence(browser, project, template):
    for status in (TaskStatus.SUCCESS, TaskStatus.SUCCESS, TaskStatus.ERROR):
        factories.task(template, status=status)
    html = page(browser("dave"), project, "/_strip", **HX)[1]
    assert "66.7 % of 3 runs succeeded" in html and "2 succeeded, 1 failed" in html


def test_nothing_that_people_or_tools_wrote_becomes_markup(browser, project):
    hostile = factories.template(project, HOSTILE)
    factories.task(hostile, status=TaskStatus.ERROR, reason=HOSTILE)
    factories.task(hostile, status=TaskStatus.RUNNING, start=utcnow())
    html = page(browser("alice"), project)[1]
    assert HOSTILE not in html and html.count(ESCAPED) >= 5


@pytest.fixture
def brought(project):
    """What the demo brings: a repository in the package, and a template of it."""
    repository = factories.repository(project, git_url=demo.URL)
    return factories.template(project, "Hello", repository_id=repository.id)


def test_the_first_visit_offers_the_first_run_with_the_focus_on_it(browser, project, brought):
    html = page(browser("alice"), project, "?welcome=1")[1]
    assert "Run your first automation" in html
    button = (
        html.split('id="run-first"')[0].rsplit("<button", 1)[1] + html.split('id="run-first"')[1]
    )
    assert "autofocus" in button.split(">")[0]
    assert "autofocus" not in page(browser("alice"), project)[1]


def test_the_steps_are_shown_until_they_are_done(browser, project, brought):
    factories.task(brought, status=TaskStatus.SUCCESS)
    assert "Next steps" in page(browser("bob"), project)[1]
    factories.template(project, "Own")
    assert "steps-h" not in page(browser("bob"), project)[1]


def test_a_role_sees_only_the_steps_it_can_take(browser, project, brought):
    assert "steps-h" not in page(browser("dave"), project)[1]
    carol = page(browser("carol"), project)[1]
    assert "Run Hello" in carol and "Connect a repository" not in carol


def test_the_steps_can_be_hidden_for_one_project(browser, project, brought):
    client = browser("alice")
    answer = client.post(f"/p/{project.id}/_steps")
    assert (answer.status_code, answer.location) == (303, f"/p/{project.id}")
    assert "Secure" not in answer.headers["Set-Cookie"]
    answer = client.post(f"/p/{project.id}/_steps", base_url="https://localhost")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "steps-h" not in page(client, project)[1]
    assert "steps-h" in page(browser("alice"), project)[1]


def test_only_those_who_may_see_the_buttons(browser, project, template):
    assert ">New template<" not in page(browser("carol"), project)[1]
    assert ">New template<" in page(browser("bob"), project)[1]


def test_the_number_of_queries_does_not_grow(browser, project, cast, count_queries):
    client = browser("dave")
    page(client, project)
    repository = factories.repository(project)

    def fill(n):
        for index in range(n):
            template = factories.template(project, f"t{index}", repository_id=repository.id)
            user_id = cast[("alice", "bob", "carol")[index % 3]].id
            for status in ("error", "error", "running", "waiting"):
                factories.task(template, status=status, user_id=user_id, start=utcnow())

    fill(1)
    with count_queries() as few:
        page(client, project)
    fill(5)
    with count_queries() as many:
        page(client, project)
    assert len(many) <= len(few)


def test_what_is_due_next_comes_first(browser, project, template):
    for hours, name in ((5, "Later"), (1, "Soon")):
        at = utcnow() + timedelta(hours=hours)
        factories.schedule(template, name, active=True, next_at=at, timezone="Europe/Prague")
    factories.schedule(template, "Off")
    html = page(browser("dave"), project, "/_upcoming", **HX)[1]
    assert html.index("Soon") < html.index("Later")
    assert "Off" not in html and "Europe/Prague" in html


def test_a_plan_that_waits_is_shown_with_what_it_does(browser, project):
    run = factories.task(factories.template(project, "Infra"), status="waiting_confirmation")
    factories.plan(run, PlanChanges((), {"create": 2, "delete": 1}))
    html = page(browser("dave"), project, "/_needs", **HX)[1]
    assert f"Infra #{run.id}</a>" in html and "2 to create, 1 to destroy." in html
    assert f"/runs/{run.id}/plan" in html
