"""Events of a project: sent after commit, kept for a while, replayed only if none is missing."""

import json
import time
from typing import Any

import pytest

from app.clock import utcnow
from app.db import transaction
from app.extensions import redis
from app.models import Project, TaskStatus, User
from app.services import live_events
from tests import factories


def sent(project: Project) -> list[dict[str, Any]]:
    entries: Any = redis.client.xrange(live_events.key(project.id))
    return [json.loads(fields[b"j"]) for _, fields in entries]


def ids(project: Project) -> list[str]:
    entries: Any = redis.client.xrange(live_events.key(project.id))
    return [entry_id.decode() for entry_id, _ in entries]


def publish(project: Project, count: int) -> None:
    with transaction():
        for number in range(count):
            live_events.publish(project.id, {"t": "run", "id": number})


def test_an_event_leaves_after_commit_and_not_before(project: Project) -> None:
    with transaction():
        live_events.publish(project.id, {"t": "x"})
        assert sent(project) == []
    assert sent(project) == [{"t": "x"}]


def test_an_event_of_a_transaction_that_failed_never_leaves(project: Project) -> None:
    with pytest.raises(ZeroDivisionError), transaction():
        live_events.publish(project.id, {"t": "x"})
        raise ZeroDivisionError
    assert sent(project) == []


def test_a_changed_run_is_told_for_the_page_and_for_the_api_at_once(project: Project) -> None:
    task = factories.task(factories.template(project), status=TaskStatus.RUNNING, version="1.0.1")
    task.start = utcnow().replace(2026, 11, 23, 21, 56, 26, 975477)
    with transaction():
        live_events.run_changed(task)
    assert sent(project) == [
        {
            "t": "run",
            "id": task.id,
            "tpl": task.template_id,
            "st": "running",
            "update": {
                "type": "update",
                "task_id": task.id,
                "template_id": task.template_id,
                "project_id": project.id,
                "status": "running",
                "start": "2026-11-23T21:56:26.975477Z",
                "end": None,
                "version": "1.0.1",
            },
        }
    ]


def test_a_stream_keeps_about_the_last_thousand_events(project: Project) -> None:
    publish(project, 1500)
    events = sent(project)
    assert 1000 <= len(events) < 1500
    assert events[-1]["id"] == 1499


def test_what_came_after_a_known_event_can_be_replayed(project: Project) -> None:
    publish(project, 3)
    assert live_events.can_replay([project.id], ids(project)[0])


def test_an_event_that_redis_has_forgotten_cannot_be_replayed_from(project: Project) -> None:
    publish(project, 1)
    known = ids(project)[0]
    redis.client.flushall()
    time.sleep(0.002)  # ids are times in ms
    assert not live_events.can_replay([project.id], known)
    publish(project, 1)
    assert not live_events.can_replay([project.id], known)


def test_an_event_that_was_trimmed_away_cannot_be_replayed_from(project: Project) -> None:
    publish(project, 1)
    known = ids(project)[0]
    publish(project, 1500)
    assert not live_events.can_replay([project.id], known)


def test_a_moment_can_be_replayed_from_unless_later_events_are_gone(project: Project) -> None:
    moment = live_events.moment().partition("-")[0]
    assert live_events.can_replay([project.id], moment)
    publish(project, 2)
    assert live_events.can_replay([project.id], moment)
    publish(project, 1500)
    before = str(int(moment) - 1000)
    assert not live_events.can_replay([project.id], before)


def test_everything_can_be_replayed_while_nothing_was_trimmed(project: Project) -> None:
    assert live_events.can_replay([project.id], live_events.NOTHING)
    publish(project, 3)
    assert live_events.can_replay([project.id], live_events.NOTHING)
    publish(project, 1500)
    assert not live_events.can_replay([project.id], live_events.NOTHING)


def test_an_event_of_one_of_several_projects_is_enough(project: Project) -> None:
    other = factories.project("Other")
    publish(project, 2)
    assert live_events.can_replay([project.id, other.id], ids(project)[0])
    assert not live_events.can_replay([other.id], ids(project)[0])


def test_now_is_after_what_has_happened_and_not_after_what_comes(project: Project) -> None:
    publish(project, 1)
    now = live_events.position(live_events.moment())
    assert live_events.position(ids(project)[0])[0] <= now[0]
    publish(project, 1)
    assert live_events.position(ids(project)[1]) >= now


def test_members_hear_their_projects_and_admins_all(
    project: Project, cast: dict[str, User]
) -> None:
    other = factories.project("Other")
    assert live_events.projects_of(cast["dave"]) == {project.id}
    assert live_events.projects_of(cast["mallory"]) == set()
    assert live_events.projects_of(cast["root"]) == {project.id, other.id}


def test_it_is_known_how_far_the_output_of_runs_is_stored(project: Project) -> None:
    mine = factories.template(project)
    running = factories.task(mine, status=TaskStatus.RUNNING, line_count=7)
    done = factories.task(mine, status=TaskStatus.ERROR, line_count=9)
    found = live_events.look([running.id, done.id, 999])
    assert {run: (stored.lines, stored.over) for run, stored in found.items()} == {
        running.id: (7, False),
        done.id: (9, True),
    }
    assert found[done.id].project_id == project.id
    assert found[done.id].update["status"] == "error"


def test_runs_are_active_from_the_claim_to_the_end(project: Project) -> None:
    mine, foreign = (factories.template(p) for p in (project, factories.project("Other")))
    tasks = {status: factories.task(mine, status=status).id for status in TaskStatus}
    factories.task(foreign, status=TaskStatus.RUNNING)
    assert set(live_events.active_runs([project.id])) == {
        tasks[status] for status in ("starting", "running", "stopping")
    }
