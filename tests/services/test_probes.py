"""Questions to workers: asked once, answered to all, never pending for ever."""

import json
from typing import Any

import pytest

from app.db import db, transaction
from app.extensions import redis
from app.models import Repository
from app.services import probes
from tests import factories
from tests.answers import ask, settle, waiting

KIND = "repository"


@pytest.fixture
def repository(project) -> Repository:
    return factories.repository(project)


def record(key: str, **changes: Any) -> None:
    """Change what is noted of a question, as time would."""
    told = json.loads(redis.client.get(key)) | changes
    redis.client.set(key, json.dumps(told), ex=60)


def again(row: Repository) -> probes.State:
    with transaction(write=False):
        return probes.ask(KIND, row, again=True)


def test_nothing_is_known_of_what_nobody_has_asked(repository: Repository) -> None:
    assert probes.state_of(KIND, repository) == probes.State(probes.Status.NONE)


def test_two_who_ask_are_one_question(repository: Repository) -> None:
    ask(KIND, repository)
    ask(KIND, repository)
    assert len(waiting()) == 1


def test_the_job_leaves_after_the_commit_only(repository: Repository) -> None:
    factories.worker()
    with pytest.raises(RuntimeError), transaction(write=False):
        probes.ask(KIND, repository)
        raise RuntimeError
    assert waiting() == []


def test_an_answer_is_for_all_who_ask(repository: Repository) -> None:
    settle(KIND, repository, {"branches": ["main"]})
    state = probes.state_of(KIND, repository)
    assert (state.is_done, state.answer) == (True, {"branches": ["main"]})
    assert state.at
    assert probes.ask(KIND, repository) == state


@pytest.mark.parametrize("changed", ["repository", "key"])
def test_a_change_makes_it_a_new_question(repository: Repository, changed: str) -> None:
    settle(KIND, repository, {"branches": ["main"]})
    with transaction():
        row = repository if changed == "repository" else repository.ssh_key
        row.lock_version += 1
    assert probes.state_of(KIND, repository).status == probes.Status.NONE


def test_other_arguments_are_another_question(repository: Repository) -> None:
    settle("tree", repository, {"entries": []}, path="a")
    assert probes.state_of("tree", repository, path="b").status == probes.Status.NONE


def test_a_failure_is_a_reason(repository: Repository) -> None:
    settle(KIND, repository, None, "The server does not let us in.")
    state = probes.state_of(KIND, repository)
    assert (state.has_failed, state.reason, state.temporary) == (
        True, "The server does not let us in.", False,
    )  # fmt: skip


def test_asking_again_looks_anew_but_not_while_somebody_looks(repository: Repository) -> None:
    settle(KIND, repository, None, "no")
    before = len(waiting())
    assert again(repository).is_pending
    assert again(repository).is_pending
    assert len(waiting()) == before + 1


def test_who_was_asked_before_says_nothing_any_more(repository: Repository) -> None:
    key = ask(KIND, repository)
    first = waiting()[0].id
    record(key, until=0)
    again(repository)
    assert not probes.take(key, first, 10)
    probes.settle(key, first, {"branches": ["stale"]})
    assert probes.state_of(KIND, repository).is_pending


def test_without_a_worker_it_has_failed_until_one_comes(repository: Repository) -> None:
    with transaction(write=False):
        assert probes.ask(KIND, repository).reason == probes.NO_WORKER
    assert probes.state_of(KIND, repository).temporary
    factories.worker()
    assert probes.state_of(KIND, repository).is_pending


def test_what_nobody_takes_is_given_up(repository: Repository) -> None:
    key = ask(KIND, repository)
    record(key, until=0)
    assert probes.state_of(KIND, repository).reason == probes.NOT_TAKEN
    assert not probes.take(key, waiting()[0].id, 10)


def test_whose_worker_dies_with_its_machine_has_failed(repository: Repository) -> None:
    key = ask(KIND, repository)
    probes.take(key, waiting()[0].id, 10)
    record(key, until=0)
    assert probes.state_of(KIND, repository).reason == probes.DIED


def test_a_queue_that_is_full_takes_no_more(repository: Repository, monkeypatch) -> None:
    monkeypatch.setattr(probes, "MOST_WAITING", 1)
    ask(KIND, repository)
    with transaction(write=False):
        probes.ask("tree", repository)
    assert probes.state_of("tree", repository).reason == probes.TOO_MANY


def test_an_answer_that_is_too_large_is_a_failure(repository: Repository) -> None:
    settle(KIND, repository, {"branches": ["x" * probes.LARGEST]})
    assert probes.state_of(KIND, repository).reason == probes.TOO_LARGE


def test_one_worker_can_be_asked(repository: Repository) -> None:
    worker = factories.worker()
    with transaction(write=False):
        assert probes.ask("cache", repository, worker=worker).is_pending
        assert probes.ask("cache", repository, worker="gone").reason == probes.NO_WORKER
    assert len(waiting(worker)) == 1


def test_without_redis_it_says_so(repository: Repository, app, monkeypatch) -> None:
    monkeypatch.setitem(
        app.extensions, "redis", probes.redis.client.from_url("redis://127.0.0.1:1")
    )
    assert probes.ask(KIND, repository).reason == probes.NO_REDIS
    assert probes.state_of(KIND, repository).reason == probes.NO_REDIS


def test_nothing_secret_is_in_the_queue(project) -> None:
    key = factories.access_key(project, "Deploy", type="ssh", secret="v1.sealed")
    ask(KIND, factories.repository(project, ssh_key_id=key.id))
    db.session.remove()
    told = b"".join(redis.client.dump(name) for name in redis.client.keys("*"))
    assert b"v1.sealed" not in told
    assert b"git.example.test" not in told
