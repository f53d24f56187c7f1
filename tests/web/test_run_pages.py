"""The page of a run: its head, stop, details."""

import json
import re
from datetime import timedelta

import pytest

from app.clock import utcnow
from app.db import db
from app.models import TaskSection
from app.services import events, tasks
from tests import factories
from tests.web.readers import HX, reader

HOSTILE = """"><script>alert(1)</script>"""


@pytest.fixture
def template(project):
    return factories.template(project, "Deploy")


@pytest.fixture
def get(browser, project):
    return reader(browser, f"/p/{project.id}/runs")


# The page of a run


@pytest.mark.parametrize("path", ["", "/_header", "/_row", "/details", "/log.html"])
def test_another_projects_run_does_not_exist_here(browser, project, path):
    foreign = factories.task(factories.template(factories.project("Other"), "Secret plan"))
    answer = browser("alice").get(f"/p/{project.id}/runs/{foreign.id}{path}")
    assert answer.status_code == 404 and "Secret plan" not in answer.text


@pytest.mark.parametrize(
    ("status", "glyph", "icon"),
    [
        ("waiting", "◌", "queue"),
        ("running", "▸", "run"),
        ("success", "✓", "ok"),
        ("error", "✗", "fail"),
    ],
)
def test_title_and_favicon_tell_the_state(get, template, status, glyph, icon):
    run = factories.task(template, status=status)
    html = get(f"/{run.id}")
    title = f"{glyph} Deploy #{run.id} · Alice&#39;s project · Heliograph"
    assert f"<title>{title}</title>" in html and f'data-title="{title}"' in html
    assert re.search(rf'rel="icon" href="[^"]*favicon-{icon}', html)
    assert re.search(rf'data-icon="[^"]*favicon-{icon}', html)


def test_the_head_is_live_and_a_fragment_of_its_own(get, project, template):
    run = factories.task(template, status="running", start=utcnow())
    html = get(f"/{run.id}")
    assert f'hx-get="/p/{project.id}/runs/{run.id}/_header?tab=Log"' in html
    assert f'hx-trigger="run:{run.id} from:body throttle:500ms, resync from:body' in html
    fragment = get(f"/{run.id}/_header", **HX)
    assert "<h1" in fragment and "log-view" not in fragment and "<html" not in fragment


def test_the_log_gets_what_its_script_reads(get, project, template):
    run = factories.task(template, status="success")
    view = re.search(r'<div class="log-view"[^>]*>', get(f"/{run.id}"))[0]
    assert f'data-url="/p/{project.id}/runs/{run.id}"' in view and f'data-run="{run.id}"' in view
    assert 'data-total="0"' in view and "data-done" in view
    running = factories.task(template, status="running")
    assert "data-done" not in re.search(r'<div class="log-view"[^>]*>', get(f"/{running.id}"))[0]


def test_a_waiting_run_says_why(get, template):
    first = factories.task(template, status="running")
    waiting = factories.task(template)
    html = get(f"/{waiting.id}")
    assert f"Waits for run #{first.id} of the same template" in html
    assert f"Open run #{first.id}" in html


@pytest.mark.parametrize("status", ["error", "stopped"])
def test_a_run_that_ended_before_it_started_does_not_tick(get, template, status):
    run = factories.task(template, status=status)
    run.end = run.created + timedelta(minutes=6, seconds=9)
    db.session.commit()
    html = get(f"/{run.id}/_header", **HX)
    assert "never started" in html and "6m 09s in the queue" in html and "data-since" not in html
    assert "6m 09s" in get(f"/{run.id}/details")


def test_what_was_prepared_is_neither_waiting_nor_running(get, template):
    run = factories.task(template, status="success")
    run.created = run.created.replace(microsecond=0)
    taken = run.created + timedelta(seconds=2)
    run.start, run.end = taken + timedelta(seconds=34), taken + timedelta(seconds=35)
    ms = int(taken.timestamp() * 1000)
    db.session.add(
        TaskSection(task_id=run.id, seq=1, kind="phase", title="Prepare", first_line=0, first_ms=ms)
    )
    db.session.commit()
    assert "1s, prepared in 34s" in get(f"/{run.id}/_header", **HX)
    shown = re.sub(r"<[^>]+>|\s+", " ", get(f"/{run.id}/details"))
    assert re.search(r"Waited +2s +Prepared +34s .* Ran +1s", shown)


def test_a_failed_run_says_why_and_links_its_last_line(get, project, template):
    run = factories.task(template, status="error", reason="Exit code 7", line_count=191)
    html = get(f"/{run.id}")
    assert "Exit code 7" in html and f'href="/p/{project.id}/runs/{run.id}#L191"' in html


def test_a_log_that_was_deleted_is_said(get, template):
    run = factories.task(template, status="success", line_count=7, log_deleted_at=utcnow())
    html = get(f"/{run.id}")
    assert "The log was deleted" in html and "7 lines" in html and "log-view" not in html
    assert "The log was deleted" in get(f"/{run.id}/log.html")


@pytest.mark.parametrize(
    ("status", "button"),
    [("waiting", "Stop"), ("running", "Stop"), ("success", "Run again"), ("stopped", "Run again")],
)
def test_the_action_fits_the_state_and_guests_have_none(get, template, status, button):
    run = factories.task(template, status=status)
    both = {"Stop", "Run again"}
    for name in ("carol", "bob"):
        html = get(f"/{run.id}", name)
        assert {word for word in both if f"<span>{word}</span>" in html} == {button}
    assert not any(f"<span>{word}</span>" in get(f"/{run.id}") for word in both)


def test_nothing_that_people_or_tools_wrote_becomes_markup(get, project):
    hostile = factories.template(project, HOSTILE, playbook=HOSTILE)
    run = factories.task(
        hostile,
        status="error",
        message=HOSTILE,
        reason=HOSTILE,
        git_branch=HOSTILE,
        commit_hash="a" * 40,
        commit_message=HOSTILE,
        arguments=json.dumps([HOSTILE]),
    )
    for path in ("", f"/{run.id}", f"/{run.id}/details", f"/{run.id}/log.html"):
        html = get(path, "alice")
        assert "<script>alert" not in html and "&lt;script&gt;alert(1)" in html


# Stop


def stop(browser, project, run, name, data=None, **headers):
    client = browser(name)
    return client.post(f"/p/{project.id}/runs/{run.id}/stop", data=data, headers=headers)


def test_stopping_a_waiting_run_answers_with_its_new_head(browser, project, template):
    run = factories.task(template)
    answer = stop(browser, project, run, "carol", **HX)
    assert answer.status_code == 200 and "Run again" in answer.text and "<html" not in answer.text
    db.session.refresh(run)
    assert run.status == "stopped"


def test_without_scripts_it_leads_back_to_the_page(browser, project, template):
    run = factories.task(template)
    answer = stop(browser, project, run, "carol")
    assert (answer.status_code, answer.location) == (303, f"/p/{project.id}/runs/{run.id}")


@pytest.mark.parametrize(("name", "status"), [("dave", 403), ("mallory", 404)])
def test_who_may_not_run_may_not_stop(browser, project, template, name, status):
    run = factories.task(template)
    assert stop(browser, project, run, name, **HX).status_code == status
    db.session.refresh(run)
    assert run.status == "waiting"


def test_force_is_offered_long_before_the_worker_kills_by_itself(
    browser, project, template, get, cast
):
    run = factories.task(template, status="running", claim="c", start=utcnow())
    tasks.stop(project, run.id, actor=cast["bob"])
    db.session.commit()
    early = get(f"/{run.id}/_header", "carol", **HX)
    assert "run-stop" not in early and 'hx-trigger="load delay:3s"' in early
    run.stop_asked -= timedelta(seconds=3)
    db.session.commit()
    late = get(f"/{run.id}/_header", "carol", **HX)
    assert "Force stop" in late and "load delay" not in late
    assert stop(browser, project, run, "carol", {"force": "1"}, **HX).status_code == 200
    db.session.refresh(run)
    assert run.force_stop


# Details


def test_details_tell_parameters_with_their_origin_and_who_did_what(get, project, cast):
    template = factories.template(
        project, "Deploy", git_branch="stable", arguments='["--fast"]', playbook="deploy.sh"
    )
    run = factories.task(template, arguments='["-x"]', message="Release", user_id=cast["bob"].id)
    events.record(project.id, cast["bob"], run, "queued for running", name=f"Deploy #{run.id}")
    tasks.stop(project, run.id, actor=cast["carol"])
    db.session.commit()
    html = get(f"/{run.id}/details")
    for text in ("from the template", "given for this run", "bash deploy.sh --fast -x"):
        assert text in html
    assert "queued for running" in html and "by Bob" in html
    assert f"Task Deploy #{run.id} stopped" in html and "by Carol" in html
    assert 'aria-current="page">Details' in html


def test_details_say_whether_a_command_is_the_runs_or_todays(get, template):
    waiting = factories.task(template)
    assert "As the template is today. The run has not started." in get(f"/{waiting.id}/details")
    ended = factories.task(template, status="error", start=utcnow())
    assert "executed is not in its log" in get(f"/{ended.id}/details")


def test_details_say_what_a_run_was_given(get, project):
    survey = [{"name": "size", "title": "Size", "type": ""},
              {"name": "pw", "title": "Password", "type": "secret"}]  # fmt: skip
    asking = factories.template(
        project, "Asks", app="ansible", playbook="site.yml", survey_vars=survey,
        inventory_id=factories.inventory(project).id,
    )  # fmt: skip
    given = {"limit": ["web1", "web2"], "debug": True}
    run = factories.task(asking, params=given, environment='{"size": "<L>", "zones": ["a"]}')
    html = get(f"/{run.id}/details")
    assert "<dt>Limit</dt><dd>web1, web2</dd>" in html and "<dt>Debug</dt><dd>yes</dd>" in html
    assert "<code>size</code>: &lt;L&gt;" in html and '<code>zones</code>: ["a"]' in html
    assert r"{\&#34;pw\&#34;: \&#34;…\&#34;}" in html


def test_the_curl_command_starts_the_same_run(get, browser, project, template):
    run = factories.task(template, message="it's “quoted” & more", environment='{"n": 1}')
    run.params, run.inventory_id = {"limit": ["web1"]}, factories.inventory(project).id
    factories.save()
    html = get(f"/{run.id}/details")
    assert f"http://localhost/api/project/{project.id}/tasks" in html
    assert "it&#39;&#34;&#39;&#34;&#39;s “quoted” &amp; more" in html
    assert r"{\&#34;n\&#34;: 1}" in html
    assert "&#34;params&#34;: {&#34;limit&#34;: [&#34;web1&#34;]}" in html
    assert f"&#34;inventory_id&#34;: {run.inventory_id}" in html


def test_a_run_is_pinned_and_released_on_its_details(browser, project) -> None:
    run = factories.task(factories.template(project), status="success")
    url = f"/p/{project.id}/runs/{run.id}"
    assert "Keep for ever" in browser("carol").get(f"{url}/details").text
    assert "Keep for ever" not in browser("dave").get(f"{url}/details").text
    assert browser("carol").post(f"{url}/pin", data={"kept": "1"}).status_code == 303
    page = browser("carol").get(f"{url}/details").text
    assert "No longer keep for ever" in page and "pinned" in page
    browser("carol").post(f"{url}/pin", data={"kept": "0"})
    assert "No longer keep" not in browser("carol").get(f"{url}/details").text
