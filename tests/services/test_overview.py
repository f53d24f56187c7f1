from datetime import timedelta

import pytest

from app import demo
from app.clock import utcnow
from app.db import db
from app.lib.plan_changes import PlanChanges
from app.models import TaskStatus
from app.services import health, overview
from tests import factories

GOOD, BAD = TaskStatus.SUCCESS, TaskStatus.ERROR


@pytest.fixture
def template(project):
    return factories.template(project, "Deploy")


def history(template, *statuses):
    return [factories.task(template, status=status) for status in statuses]


def test_without_a_worker_it_says_how_many_runs_wait(project, template):
    factories.task(template)
    needs = overview.needs(project)
    assert (needs.no_worker, needs.waiting, len(needs)) == (True, 1, 1)
    factories.worker()
    assert len(overview.needs(project)) == 0


def test_a_full_disk_needs_somebody(project, monkeypatch):
    factories.worker()
    monkeypatch.setattr(health, "has_room", lambda: False)
    needs = overview.needs(project)
    assert needs.disk_full and len(needs) == 1


def test_plans_that_wait_need_somebody(project, template):
    factories.worker()
    waits, decided = history(template, TaskStatus.WAITING_CONFIRMATION, TaskStatus.CONFIRMED)
    for run in (waits, decided):
        factories.plan(run, PlanChanges((), {"create": 1}))
    needs = overview.needs(project)
    assert [plan.task for plan in needs.plans] == [waits] and len(needs) == 1
    assert len(overview.needs(factories.project("Other"))) == 0


def test_drift_needs_somebody_until_a_later_success(project, template):
    factories.worker()
    check = factories.task(template, status=GOOD, result="Drift: 1 to change")
    factories.task(template, status=GOOD, result="Plan only: 1 to change")  # and changed nothing
    history(template, BAD, TaskStatus.STOPPED, TaskStatus.RUNNING)
    assert overview.drifting(project) == [check]
    needs = overview.needs(project)
    assert needs.drifting == [check] and len(needs) == 2
    assert overview.drifting(factories.project("Other")) == []
    factories.task(template, status=GOOD, result="No drift")
    assert overview.drifting(project) == []


def test_what_was_applied_after_a_check_and_old_checks_need_nobody(project, template):
    factories.task(template, status=GOOD, result="Drift")
    history(template, GOOD)
    other = factories.template(project, "Old", repository_id=template.repository_id)
    created = utcnow() - timedelta(days=31)
    factories.task(other, status=GOOD, result="Drift", created=created)
    assert overview.drifting(project) == []


def test_a_template_fails_since_its_last_success(project, template):
    runs = history(template, BAD, GOOD, BAD, TaskStatus.STOPPED, BAD)
    (failing,) = overview.failing(project)
    assert (failing.template, failing.last, failing.count) == (template, runs[-1], 2)
    assert failing.since == runs[2].created


def test_one_that_never_succeeded_fails_since_its_first_run(project, template):
    runs = history(template, BAD, BAD)
    (failing,) = overview.failing(project)
    assert failing.count == 2 and failing.since == runs[0].created


def test_a_success_ends_it_and_what_runs_or_was_stopped_does_not(project, template):
    history(template, BAD, GOOD)
    assert overview.failing(project) == []
    history(template, BAD, TaskStatus.STOPPED, TaskStatus.RUNNING)
    assert overview.failing(project)[0].count == 1


def test_old_failures_and_other_projects_need_nobody(project, template):
    factories.task(template, status=BAD, created=utcnow() - timedelta(days=31))
    history(factories.template(factories.project("Other")), BAD)
    assert overview.failing(project) == []


def test_failing_templates_cost_one_query(project, template, count_queries):
    for n in range(5):
        history(factories.template(project, f"t{n}", repository_id=template.repository_id), BAD)
    db.session.commit()
    project.id  # noqa: B018  loads what the commit has expired
    with count_queries() as sent:
        assert len(overview.failing(project)) == 5
    assert len(sent) == 1


def test_a_day_is_one_of_utc(project, template):
    day = utcnow() - timedelta(days=3)
    for hour in (0, 23):
        factories.task(template, status=GOOD, created=day.replace(hour=hour, minute=30))
    assert overview.days(project)[-4].good == 2


def test_days_count_successes_and_failures_by_date(project, template):
    assert overview.days(project) == []
    history(template, GOOD, GOOD, BAD, TaskStatus.STOPPED)
    factories.task(template, status=GOOD, created=utcnow() - timedelta(days=2))
    factories.task(template, status=GOOD, created=utcnow() - timedelta(days=40))
    days = overview.days(project)
    assert len(days) == 30 and days[-1].date == utcnow().date()
    assert (days[-1].good, days[-1].bad) == (2, 1)
    assert (days[-3].good, days[-3].bad) == (1, 0)
    assert sum(day.good + day.bad for day in days) == 4


def test_the_steps_count_what_is_not_of_the_demo(project):
    assert overview.steps(project) == overview.Steps(None, False, False, False)
    brought = factories.repository(project, git_url=demo.URL)
    hello = factories.template(project, repository_id=brought.id)
    assert overview.steps(project) == overview.Steps(hello, False, False, False)
    history(hello, GOOD)
    own = factories.template(project, "Own")
    steps = overview.steps(project)
    assert steps.are_done and steps.first == hello and own.id != hello.id
