"""The first administrator: from the page, from the settings, and never twice."""

import threading
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app import invitation
from app.db import db, transaction
from app.errors import NotFound
from app.extensions import settings
from app.lib.settings import SettingError
from app.models import Event, ProjectUser, Repository, TaskTemplate, User
from app.permissions import Role
from app.schemas.setup import SetupIn
from app.services import auth, setup, workers
from tests import factories


def wish(**values: Any) -> SetupIn:
    given = {"name": "Anna Berg", "username": "Anna", "password": "correct horse", "demo": False}
    return SetupIn(**given | values)


def test_it_is_needed_until_there_is_a_user(app: Flask) -> None:
    assert setup.is_needed()
    factories.user("anna")
    assert not setup.is_needed()


def test_the_first_user_is_an_administrator_who_can_sign_in(app: Flask) -> None:
    user, project = setup.create_first(wish())
    assert (user.username, user.name, user.email) == ("anna", "Anna Berg", "anna@localhost")
    assert user.admin
    assert project is None
    assert auth.sign_in("anna", "correct horse", ip="127.0.0.1").id == user.id


def test_there_is_no_second_first_user(app: Flask) -> None:
    factories.user("root")
    with pytest.raises(NotFound, match="set up already"):
        setup.create_first(wish())
    assert db.session.scalars(select(User.username)).all() == ["root"]


def test_of_two_at_once_one_is_first(app: Flask) -> None:
    outcomes: list[str] = []

    def try_it(name: str) -> None:
        with app.app_context():
            try:
                setup.create_first(wish(username=name))
            except NotFound:
                outcomes.append("late")
            else:
                outcomes.append("first")

    threads = [threading.Thread(target=try_it, args=(name,)) for name in ("anna", "bert")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["first", "late"]
    assert db.session.scalar(select(func.count(User.id))) == 1


def test_the_demo_project_is_complete_and_its_creator_owns_it(app: Flask) -> None:
    user, project = setup.create_first(wish(demo=True))
    assert project
    assert project.name == "Demo"
    member = db.session.scalars(select(ProjectUser).filter_by(project_id=project.id)).one()
    assert (member.user_id, member.role) == (user.id, Role.OWNER)
    repository = db.session.scalars(select(Repository)).one()
    assert (repository.git_url, repository.git_branch) == ("heliograph:demo", "main")
    templates = db.session.scalars(select(TaskTemplate).order_by(TaskTemplate.id)).all()
    assert [(t.name, t.app, t.playbook) for t in templates] == [
        ("Hello", "bash", "hello.sh"),
        ("System facts", "ansible", "system.yml"),
        ("Fail on purpose", "bash", "fail.sh"),
        ("Big log", "bash", "big-log.sh"),
        ("Slow countdown", "bash", "countdown.sh"),
    ]
    assert all(t.repository_id == repository.id for t in templates)
    assert "Template Hello created" in db.session.scalars(select(Event.description)).all()


def test_the_address_is_told_until_there_is_a_user(app: Flask) -> None:
    assert setup.address() == invitation.setup_address(settings())
    factories.user("anna")
    assert setup.address() is None


def ensure(**values: str) -> User | None:
    given = {"ADMIN": "Root", "ADMIN_PASSWORD": "from the settings"} | values
    return setup.ensure_admin(replace(settings(), **given))  # type: ignore[arg-type]


def test_the_settings_create_an_administrator_once(app: Flask) -> None:
    user = ensure()
    assert user
    with transaction(write=False):
        assert (user.username, user.name, user.email) == ("root", "root", "root@localhost")
        assert user.admin
    assert ensure(ADMIN_PASSWORD="another one") is None
    assert auth.sign_in("root", "from the settings", ip="127.0.0.1").username == "root"


def test_of_processes_that_start_at_once_one_creates_him(app: Flask) -> None:
    created: list[str | None] = []
    together = threading.Barrier(3)

    def start() -> None:
        with app.app_context():
            together.wait(10)
            user = ensure()
            created.append(user and user.username)

    threads = [threading.Thread(target=start) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(created, key=bool) == [None, None, "root"]
    assert db.session.scalar(select(func.count(User.id))) == 1


def test_without_a_name_in_the_settings_nothing_happens(app: Flask) -> None:
    assert ensure(ADMIN="") is None
    assert setup.is_needed()


def test_an_administrator_without_a_password_is_refused(app: Flask) -> None:
    with pytest.raises(SettingError, match="SEMAPHORE_ADMIN_PASSWORD: Type a password"):
        ensure(ADMIN_PASSWORD="")
    with pytest.raises(SettingError, match="SEMAPHORE_ADMIN: "):
        ensure(ADMIN="ro\not")
    assert setup.is_needed()


def test_the_versions_of_tools_come_from_workers(app: Flask) -> None:
    assert {t.tool.title: t.version for t in setup.found_tools()}["Git"] == ""
    with transaction():
        worker_id = factories.worker()
        workers.describe(worker_id, {"tools": {"git": "2.47.1", "ssh": "9.2p1"}})
    found = {t.tool.title: t for t in setup.found_tools()}
    assert (found["Git"].found, found["Git"].version) == (True, "2.47.1")
    assert (found["OpenSSH"].found, found["OpenSSH"].version) == (True, "9.2p1")
