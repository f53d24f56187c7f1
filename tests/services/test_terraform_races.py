"""Two who want the state of a workspace at the same moment, on the database of the tests."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.db import db, transaction
from app.errors import DomainError
from app.models import Inventory, Project, TerraformState
from app.services import terraform_locks, terraform_states
from app.services.terraform_access import Caller
from app.services.terraform_locks import Locked
from tests import factories
from tests.services.meanwhile import meanwhile


@pytest.fixture
def workspace(project: Project) -> Inventory:
    return factories.workspace(project)


@pytest.fixture
def caller(workspace: Inventory) -> Caller:
    return Caller(workspace.project_id, workspace.id)


def lock(caller: Caller, lock_id: str) -> Callable[[], str]:
    asked = terraform_locks.read(json.dumps({"ID": lock_id, "Who": lock_id}).encode())

    def take() -> str:
        terraform_locks.take(caller, asked)
        return lock_id

    return take


def both(app: Flask, first: Callable[[], Any], second: Callable[[], Any]) -> list[Any]:
    """The second begins while the first has not committed; what became of each."""
    ended: list[Any] = []
    thread, others = meanwhile(app, second)
    try:
        with transaction():
            ended.append(first())
            thread.start()
            thread.join(0.5)
    except DomainError as error:
        ended.append(error)
    thread.join(20)
    return ended + others


def test_of_two_lockers_one_waits_and_is_told_who_was_first(app: Flask, caller: Caller) -> None:
    first, second = both(app, lock(caller, "a"), lock(caller, "b"))
    assert first == "a"
    assert isinstance(second, Locked) and json.loads(second.info)["Who"] == "a"


def test_many_lockers_at_once_are_one_lock(app: Flask, caller: Caller) -> None:
    threads = [meanwhile(app, lock(caller, f"lock-{n}")) for n in range(6)]
    for thread, _ in threads:
        thread.start()
    for thread, _ in threads:
        thread.join(30)
    ended = [one for _, found in threads for one in found]
    assert len(ended) == 6
    assert sum(isinstance(one, str) for one in ended) == 1
    assert sum(isinstance(one, Locked) for one in ended) == 5


def test_of_two_states_with_one_number_one_is_refused(app: Flask, caller: Caller) -> None:
    def write(text: str) -> Callable[[], str]:
        def act() -> str:
            terraform_states.write(caller, text.encode(), "")
            return text

        return act

    one, other = factories.state_text(1, one="x"), factories.state_text(1, other="y")
    first, second = both(app, write(one), write(other))
    assert first == one and isinstance(second, DomainError)
    with transaction(write=False):
        db.session.expire_all()
        rows = db.session.query(TerraformState).filter_by(inventory_id=caller.inventory_id).all()
        assert len(rows) == 1 and terraform_states.text_of(rows[0]) == one
