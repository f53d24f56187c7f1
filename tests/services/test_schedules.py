"""Make, change, switch and delete schedules, as page and API do it."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError
from sqlalchemy import select

from app.clock import utcnow
from app.db import db, transaction
from app.errors import InUse, Invalid, NotFound
from app.models import Event, Schedule
from app.schemas.schedules import ScheduleIn
from app.services import projects, repositories, schedules, task_templates
from tests import factories


@pytest.fixture
def template(project):
    return factories.template(project, allow_override_branch_in_task=True)


def create(project, template, **given) -> Schedule:
    values = {"template_id": template.id, "cron_format": "0 2 * * *", "active": True} | given
    with transaction():
        return schedules.create(project, ScheduleIn.model_validate(values), actor=None)


def update(project, schedule, **given) -> Schedule:
    values = {"template_id": schedule.template_id, "cron_format": schedule.cron_format} | given
    with transaction():
        return schedules.update(project, schedule.id, ScheduleIn.model_validate(values), actor=None)


def test_a_new_one_knows_when_it_is_due(project, template) -> None:
    made = create(project, template, name="Nightly", timezone="Asia/Kathmandu")
    assert made.next_at and made.next_at > utcnow()
    assert (made.next_at.hour, made.next_at.minute) == (20, 15)
    event = db.session.scalars(select(Event)).one()
    assert event.description == "Schedule Nightly created"


def test_one_that_is_off_is_never_due(project, template) -> None:
    assert create(project, template, active=False).next_at is None


def test_the_zone_in_the_line_counts_first(project, template) -> None:
    made = create(project, template, cron_format="TZ=UTC 0 2 * * *", timezone="Asia/Kathmandu")
    assert made.next_at and made.next_at.hour == 2


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"cron_format": "* * * *"}, "Cron: expected exactly 5 fields, found 4: [* * * *]"),
        ({"cron_format": ""}, "Cron: empty spec string"),
        ({"type": "sometimes"}, "invalid schedule type"),
        ({"type": "run_at"}, "run_at must be provided"),
        ({"timezone": "Mars/Base"}, "There is no time zone Mars/Base"),
        ({"timezone": "../etc/passwd"}, "There is no time zone ../etc/passwd"),
        ({"missed": "never"}, "'skip', 'once' or 'all'"),
    ],
)
def test_what_says_no_time_is_refused(project, template, given, said) -> None:
    with pytest.raises(ValidationError) as refused:
        create(project, template, **given)
    assert said in str(refused.value)


def test_a_template_of_another_project_is_refused(project, template) -> None:
    other = factories.template(factories.project("Other"))
    with pytest.raises(Invalid) as refused:
        create(project, other)
    assert list(refused.value.fields) == ["template_id"]
    with pytest.raises(Invalid):
        create(project, template, repository_id=other.repository_id)
    with pytest.raises(NotFound):
        schedules.get(project, factories.schedule(other).id)


def test_a_parameter_that_a_start_would_refuse_is_refused_now(project, template) -> None:
    for name, params in {
        "task_params.git_branch": {"git_branch": "--upload-pack=x"},
        "task_params.playbook": {"playbook": "other.sh"},
        "task_params.environment.answer": {"environment": '{"answer": "42"}'},
        "task_params.secret.answer": {"secret": '{"answer": "42"}'},
        "task_params.inventory_id": {"inventory_id": 99},
        "task_params.wish": {"wish": "you were here"},
    }.items():
        with pytest.raises(Invalid) as refused:
            create(project, template, task_params=params)
        assert name in refused.value.fields
    assert db.session.scalars(select(Schedule)).all() == []


def test_parameters_stay_until_others_are_sent(project, template) -> None:
    made = create(project, template, task_params={"git_branch": "v2", "secret": ""})
    assert made.task_params == {"git_branch": "v2"}
    assert update(project, made).task_params == {"git_branch": "v2"}
    assert schedules.parameters(made).git_branch == "v2"
    assert update(project, made, task_params={}).task_params is None


def test_stored_parameters_must_suit_another_template(project, template) -> None:
    made = create(project, template, task_params={"git_branch": "v2"})
    strict = factories.template(project, "Strict")
    with pytest.raises(Invalid) as refused:
        update(project, made, template_id=strict.id)
    assert list(refused.value.fields) == ["task_params.git_branch"]


def test_one_time_must_be_in_the_future(project, template) -> None:
    once = {"type": "run_at", "cron_format": ""}
    with pytest.raises(Invalid, match="run_at must be in the future"):
        create(project, template, **once, run_at=utcnow() - timedelta(seconds=1))
    soon = utcnow() + timedelta(hours=1)
    made = create(project, template, **once, run_at=soon, delete_after_run=True)
    assert made.next_at == made.run_at == soon


def test_one_time_without_a_zone_is_of_the_schedules(project, template) -> None:
    year = utcnow().year + 1
    made = create(
        project, template, type="run_at", run_at=f"{year}-07-01T12:00", timezone="Europe/Berlin"
    )
    assert made.run_at == datetime(year, 7, 1, 10, tzinfo=UTC)


def test_one_that_has_run_can_still_be_renamed(project, template) -> None:
    past = utcnow() - timedelta(days=1)
    made = factories.schedule(template, type="run_at", run_at=past, active=True)
    again = update(project, made, type="run_at", run_at=past, active=True, name="Renamed")
    assert (again.name, again.next_at) == ("Renamed", None)


def test_a_rename_moves_no_time_and_a_change_of_times_does(project, template) -> None:
    made = create(project, template, cron_format="@every 1h")
    first = made.next_at
    made.next_at = first - timedelta(minutes=5)
    factories.save()
    assert update(project, made, active=True, name="Other").next_at == first - timedelta(minutes=5)
    assert update(project, made, active=True, cron_format="@every 2h").next_at > first
    assert update(project, made, active=False).next_at is None


def test_switching_on_makes_up_for_nothing(project, template) -> None:
    made = create(project, template, name="Nightly")
    with transaction():
        assert schedules.set_active(project, made.id, False, actor=None).next_at is None
    with transaction():
        again = schedules.set_active(project, made.id, True, actor=None)
    assert again.next_at and again.next_at > utcnow()
    said = [e.description for e in db.session.scalars(select(Event).order_by(Event.id))]
    assert said[1:] == ["Schedule Nightly switched off", "Schedule Nightly switched on"]


def test_what_old_clients_do_not_know_stays(project, template) -> None:
    made = create(project, template, timezone="Asia/Kathmandu", missed="all")
    again = update(project, made)
    assert (again.timezone, again.missed, again.active) == ("Asia/Kathmandu", "all", False)


def test_what_watches_a_repository_is_on_unless_it_says_otherwise(project, template) -> None:
    repository = template.repository_id
    given = {"template_id": template.id, "cron_format": "@hourly", "repository_id": repository}
    with transaction():
        data = ScheduleIn.model_validate(given)
        watching = schedules.create(project, data, actor=None)
    assert watching.active
    watching.last_commit_hash = "a" * 40
    factories.save()
    assert update(project, watching, repository_id=repository).last_commit_hash == "a" * 40
    assert update(project, watching).last_commit_hash is None


def test_a_repository_that_is_watched_stays(project, template) -> None:
    watched = factories.repository(project, ssh_key_id=template.repository.ssh_key_id)
    made = create(project, template, name="Watcher", repository_id=watched.id)
    with pytest.raises(InUse) as refused, transaction():
        repositories.delete(project, watched.id, actor=None)
    assert refused.value.refs["schedules"] == [{"id": made.id, "name": "Watcher"}]


def test_runs_stay_without_their_schedule(project, template) -> None:
    made = create(project, template)
    run = factories.task(template, schedule_id=made.id, status="success")
    with transaction():
        schedules.delete(project, made.id, actor=None)
    db.session.refresh(run)
    assert run.schedule_id is None


def test_schedules_go_with_their_template_and_their_project(project, template) -> None:
    other = factories.template(project, "Other")
    for each in (template, other):
        create(project, each, repository_id=template.repository_id)
    with transaction():
        task_templates.delete(project, other.id, actor=None)
    assert len(db.session.scalars(select(Schedule)).all()) == 1
    with transaction():
        projects.delete(project, actor=None)
    assert db.session.scalars(select(Schedule)).all() == []


def test_lists_are_of_a_project_or_a_template(project, template) -> None:
    other = factories.template(project, "Other")
    first, second = create(project, template), create(project, other)
    elsewhere = factories.project("Elsewhere")
    create(elsewhere, factories.template(elsewhere))
    assert schedules.list_for(project) == [first, second]
    assert schedules.list_for(project, template=other) == [second]


def test_the_servers_zone_moves_what_is_to_come(project, template) -> None:
    made = create(project, template)
    fixed = create(project, template, timezone="Asia/Kathmandu")
    right, other = made.next_at, fixed.next_at
    made.next_at = right + timedelta(hours=3)
    factories.save()
    with transaction():
        schedules.follow_the_server()
    assert (made.next_at, fixed.next_at) == (right, other)
