"""A plan that waits is approved or rejected in a dialog, by who may run the template."""

from datetime import timedelta

import pytest

from app.clock import utcnow
from app.db import db, transaction
from app.executors.saved_plan import SavedPlan
from app.lib.plan_changes import PlanChanges
from app.models import TaskPlan
from app.services import events, task_plans
from tests import factories

HX = {"HX-Request": "true"}
HASH = "f" * 64
HOSTILE = """"><script>alert(1)</script>"""


@pytest.fixture
def waits(project):
    """A run that waits with a plan."""
    template = factories.template(project, app="terraform", playbook="infra")
    return factories.task(template, status="waiting_confirmation")


@pytest.fixture
def url(project, waits):
    keep(waits, {"create": 2, "replace": 1, "delete": 2})
    return f"/p/{project.id}/runs/{waits.id}"


def keep(run, counts) -> None:
    factories.plan(run, PlanChanges((), counts))
    with transaction():
        task_plans.keep(run, SavedPlan(b"a plan", HASH))


def plan_of(run) -> TaskPlan:
    db.session.expire_all()
    return task_plans.of(run)


def test_the_bar_says_what_is_decided_and_leads_to_both_answers(browser, url):
    html = browser("carol").get(url).text
    assert "Approval needed." in html
    assert "2 to create, 1 to replace, 2 to destroy. What is applied is exactly this plan" in html
    assert f'hx-get="{url}/approve"' in html and f'hx-get="{url}/reject"' in html
    assert 'class="approval"' in html
    html = browser("dave").get(url).text
    assert "Approval needed." in html and "/approve" not in html and 'class="approval"' not in html
    assert browser("dave").get(f"{url}/approve").status_code == 403


@pytest.mark.parametrize("chosen", [False, True])
def test_who_decides_is_told_of_which_workspace(browser, url, waits, project, chosen) -> None:
    inventory = factories.workspace(project, "<staging>")
    (waits if chosen else waits.template).inventory_id = inventory.id
    factories.save()
    words = "2 to destroy in the workspace &lt;staging&gt;."
    html = browser("carol").get(url).text
    assert words in html and "Workspace &lt;staging&gt;" in html
    for word in ("approve", "reject"):
        assert words in browser("carol").get(f"{url}/{word}", headers=HX).text


def test_who_approves_types_how_many_resources_are_destroyed(browser, url, waits):
    asked = browser("carol").get(f"{url}/approve", headers=HX).text
    assert "Number of resources it destroys" in asked and f'value="{HASH}"' in asked
    assert "Destroy and apply" in asked and "<h1" not in asked
    for number in ("", "2", "many"):
        given = {"hash": HASH, "destroyed": number, "comment": HOSTILE}
        answer = browser("carol").post(f"{url}/approve", data=given, headers=HX)
        assert answer.status_code == 422 and "f-destroyed-error" in answer.text
        assert "Not approved: 1 field needs a change" in answer.text
        assert ">Number of resources it destroys: " in answer.text
        assert "&lt;script&gt;" in answer.text  # what was typed is kept
    given = {"hash": HASH, "destroyed": "3", "comment": "as agreed"}
    answer = browser("carol").post(f"{url}/approve", data=given, headers=HX)
    assert answer.status_code == 204 and "resync" in answer.headers["HX-Trigger"]
    assert plan_of(waits).comment == "as agreed" and waits.status == "confirmed"


def test_the_comment_stands_beside_the_run_and_in_the_activity(browser, url, waits, cast):
    given = {"hash": HASH, "destroyed": "3", "comment": HOSTILE}
    assert browser("carol").post(f"{url}/approve", data=given).status_code == 303
    html = browser("dave").get(url).text
    assert f"Approved by {cast['carol'].name}: " in html and "<script>alert" not in html
    [told] = [one for one in events.of(waits) if "approved" in one.description]
    assert told.description.endswith(HOSTILE) and told.user_id == cast["carol"].id


def test_what_destroys_nothing_is_approved_without_a_number(browser, project, waits):
    keep(waits, {"create": 1, "move": 1})
    url = f"/p/{project.id}/runs/{waits.id}/approve"
    assert "Number of resources" not in browser("carol").get(url, headers=HX).text
    answer = browser("carol").post(url, data={"hash": HASH}, headers=HX)
    assert answer.status_code == 204


def test_another_plan_by_now_is_not_approved(browser, url, waits):
    given = {"hash": "0" * 64, "destroyed": "3"}
    answer = browser("carol").post(f"{url}/approve", data=given, headers=HX)
    assert answer.status_code == 409 and "another one by now" in answer.text
    assert plan_of(waits).decided is None


def test_who_comes_second_is_told_so(browser, url):
    given = {"hash": HASH, "destroyed": "3"}
    assert browser("carol").post(f"{url}/approve", data=given, headers=HX).status_code == 204
    answer = browser("bob").post(f"{url}/approve", data=given, headers=HX)
    assert answer.status_code == 422 and "Nothing to decide" in answer.text
    assert "does not wait for approval any more" in browser("bob").get(f"{url}/reject").text


def test_who_comes_too_late_is_told_to_start_again(browser, url, waits):
    with transaction():
        plan_of(waits).expires = utcnow() - timedelta(seconds=1)
    given = {"hash": HASH, "destroyed": "3"}
    told = "Nobody approved the plan in time: start the run again"
    answer = browser("carol").post(f"{url}/approve", data=given, headers=HX)
    assert answer.status_code == 422 and told in answer.text
    task_plans.expire()
    answer = browser("carol").post(f"{url}/approve", data=given, headers=HX)
    assert answer.status_code == 422 and told in answer.text
    for path in (f"{url}/approve", f"{url}/reject"):
        assert told in browser("carol").get(path).text


def test_a_plan_is_rejected_with_the_reason(browser, url, waits, cast):
    assert "Nothing of it is applied" in browser("carol").get(f"{url}/reject").text
    answer = browser("carol").post(f"{url}/reject", data={"comment": "not today"})
    assert answer.status_code == 303
    db.session.refresh(waits)
    assert waits.status == "rejected"
    assert waits.reason == f"Rejected by {cast['carol'].name}: not today"
    assert waits.reason in browser("dave").get(url).text


@pytest.mark.parametrize("word", ["approve", "reject"])
def test_a_long_comment_is_refused(browser, url, word):
    given = {"hash": HASH, "destroyed": "3", "comment": "x" * 501}
    answer = browser("carol").post(f"{url}/{word}", data=given, headers=HX)
    assert answer.status_code == 422 and "At most 500 characters" in answer.text


def test_what_was_stopped_in_the_midst_says_what_to_do(browser, project, waits):
    waits.status, waits.reason = "stopped", f"Stopped by Ada. It had begun: {HOSTILE}"
    db.session.commit()
    html = browser("dave").get(f"/p/{project.id}/runs/{waits.id}").text
    assert "Not finished." in html and "Stopped by Ada. It had begun" in html
    assert "<script>alert" not in html
