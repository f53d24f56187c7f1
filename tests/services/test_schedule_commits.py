"""A schedule that watches a repository runs once for each new commit."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from app.db import db, transaction
from app.models import Schedule, ScheduleFire, Task
from app.services.probe_kinds import KINDS
from app.services.probe_kinds.schedules import branch_of
from tests import factories

HEAD = KINDS["head"]


@pytest.fixture
def schedule(project) -> Schedule:
    template = factories.template(project)
    return factories.schedule(
        template, active=True, cron_format="@hourly", repository_id=template.repository_id
    )


def see(schedule: Schedule, commit: str, flaw: str = "") -> int:
    """The worker has looked; how many runs there are."""
    assert HEAD.note
    answer = None if flaw else {"commit": commit}
    with transaction():
        HEAD.note(schedule.id, HEAD.versions(schedule), answer, flaw)
    return len(db.session.scalars(select(Task)).all())


def test_each_new_commit_is_built_once(schedule) -> None:
    assert see(schedule, "a") == 0  # what is there already is nothing new
    assert see(schedule, "a") == 0
    assert see(schedule, "b") == 1
    assert see(schedule, "b") == 1
    assert see(schedule, "c") == 2
    assert see(schedule, "b") == 2  # pushed back: it had its run
    assert see(schedule, "a") == 3
    hashes = db.session.scalars(select(ScheduleFire.commit_hash).order_by(ScheduleFire.id))
    assert list(hashes) == ["b", "c", "a"]


def test_a_commit_whose_run_could_not_start_is_seen_again(schedule) -> None:
    see(schedule, "a")
    schedule.task_params = {"git_branch": "v2"}
    factories.save()
    assert see(schedule, "b") == 0
    assert schedule.last_commit_hash == "a"
    schedule.task_params = None
    factories.save()
    assert see(schedule, "b") == 1


def test_a_flaw_of_the_repository_is_told(schedule) -> None:
    see(schedule, "", flaw="Permission denied")
    see(schedule, "")
    reasons = db.session.scalars(select(ScheduleFire.reason).order_by(ScheduleFire.id)).all()
    assert reasons == [
        "Permission denied",
        "The repository has no branch main with commits to look for",
    ]


def test_what_was_seen_before_a_change_or_after_the_end_counts_no_more(schedule) -> None:
    see(schedule, "a")
    versions = HEAD.versions(schedule)
    schedule.lock_version += 1
    factories.save()
    assert HEAD.note
    with transaction():
        HEAD.note(schedule.id, versions, {"commit": "b"}, "")
        HEAD.note(999, versions, {"commit": "b"}, "")
    schedule.active = False
    factories.save()
    assert see(schedule, "b") == 0


def test_the_branch_is_that_of_the_runs(project, schedule) -> None:
    assert branch_of(schedule) == "main"
    schedule.template.git_branch = "release"
    assert branch_of(schedule) == "release"
    schedule.task_params = {"git_branch": "v2"}
    assert branch_of(schedule) == "v2"
    key = schedule.repository.ssh_key_id
    other = factories.repository(project, git_branch="trunk", ssh_key_id=key)
    schedule.repository, schedule.task_params = other, None
    schedule.repository_id = other.id
    assert branch_of(schedule) == "trunk"
    assert schedule.created <= datetime.now(UTC)
