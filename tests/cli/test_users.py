"""flask user …: a locked-out administrator gets in, also while server and Redis are down."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from app.db import db
from app.models import Session, User
from app.services import auth, sessions
from tests import factories

ROOT = Path(__file__).parents[2]
ANNA = ("--login", "anna", "--name", "Anna", "--email", "anna@example.test")


@pytest.fixture
def flask(app: Flask) -> Callable[..., Result]:
    """Run a command: flask("user", "list", input="…")."""

    def run(*arguments: str, input: str | None = None) -> Result:
        db.session.remove()
        return app.test_cli_runner().invoke(args=arguments, input=input)

    return run


def signs_in(password: str) -> bool:
    return auth.sign_in("anna", password, ip="127.0.0.1").username == "anna"


@pytest.mark.parametrize("group", ["user", "users"])
def test_it_adds_a_user(flask: Callable[..., Result], group: str) -> None:
    done = flask(group, "add", *ANNA, "--password", "secret of anna", "--admin")
    assert (done.exit_code, done.output) == (0, "User anna was added\n")
    assert db.session.scalars(select(User)).one().admin
    assert signs_in("secret of anna")


def test_a_password_can_come_from_standard_input(flask: Callable[..., Result]) -> None:
    assert flask("user", "add", *ANNA, "--password", "-", input="from a long pipe\n").exit_code == 0
    assert signs_in("from a long pipe")
    assert (
        flask(
            "user", "change-by-login", "--login", "ANNA", "--password", "-", input="the newer one\n"
        ).exit_code
        == 0
    )
    assert signs_in("the newer one")


def test_without_a_password_it_is_asked_for(flask: Callable[..., Result]) -> None:
    assert flask("user", "add", *ANNA, input="what is asked for\n").exit_code == 0
    assert signs_in("what is asked for")


def test_an_external_user_has_no_password(flask: Callable[..., Result]) -> None:
    refused = flask("user", "add", *ANNA, "--external", "--password", "x")
    assert refused.exit_code == 1
    assert flask("user", "add", *ANNA, "--external").exit_code == 0
    user = db.session.scalars(select(User)).one()
    assert (user.external, user.password) == (True, "")
    refused = flask("user", "change-by-login", "--login", "anna", "--password", "x" * 12)
    assert refused.exit_code == 1
    assert "signs in elsewhere" in refused.output


def test_only_what_is_given_changes(flask: Callable[..., Result]) -> None:
    factories.user("anna", alert=True)
    done = flask("user", "change-by-email", "--email", "anna@example.test", "--login", "berta")
    assert (done.exit_code, done.output) == (0, "User anna was changed\n")
    user = db.session.scalars(select(User)).one()
    assert (user.username, user.name, user.email) == ("berta", "Anna", "anna@example.test")
    assert (user.admin, user.alert) == (False, True)
    assert flask("user", "change-by-login", "--login", "berta", "--admin").exit_code == 0
    assert flask("user", "change-by-login", "--login", "berta", "--name", "B").exit_code == 0
    user = db.session.scalars(select(User)).one()
    assert (user.admin, user.name) == (True, "B")


def test_a_new_password_ends_the_sessions(flask: Callable[..., Result]) -> None:
    sessions.open_for(factories.user("anna"), ip="", user_agent="")
    db.session.commit()
    assert (
        flask("user", "change-by-login", "--login", "anna", "--password", "x" * 12).exit_code == 0
    )
    assert db.session.scalar(select(func.count(Session.id))) == 0


def test_it_shows_and_lists(flask: Callable[..., Result]) -> None:
    factories.user("anna", admin=True)
    factories.user("bert")
    assert flask("user", "list").output == "anna\nbert\n"
    shown = flask("user", "get", "--email", "ANNA@example.test").output
    assert flask("user", "get", "--login", "ANNA", "--email", "anna@example.test").output == shown
    for line in ("login:   anna", "name:    Anna", "email:   anna@example.test", "admin:   yes"):
        assert line in shown.splitlines()


def test_it_deletes(flask: Callable[..., Result]) -> None:
    factories.user("anna")
    done = flask("user", "delete", "--login", "anna")
    assert (done.exit_code, done.output) == (0, "User anna was deleted\n")
    assert flask("user", "list").output == ""


def test_the_last_administrator_is_not_deleted(flask: Callable[..., Result]) -> None:
    factories.user("anna", admin=True)
    done = flask("user", "delete", "--login", "anna")
    assert done.exit_code == 1
    assert done.output == "Error: anna is the last administrator: make another one first\n"
    assert flask("user", "list").output == "anna\n"


def test_who_is_older_than_the_rules_gets_a_password(flask: Callable[..., Result]) -> None:
    factories.user("an na", email="anna")
    arguments = ("--login", "an na", "--password", "x" * 12)
    assert flask("user", "change-by-login", *arguments).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("add", "--login", "x", "--password", "y"), "--name, --email must be given"),
        (("add", *ANNA, "--password", "x" * 12), "--login: Already taken"),
        (("add", *ANNA[:4], "--email", "anna", "--password", "x" * 12), "--email: Must be an e-"),
        (
            ("add", "--login", "an na", *ANNA[2:], "--password", "x" * 12),
            "--login: Must consist of letters, digits and . _ - @ +",
        ),
        (("add", *ANNA, "--password", "x" * 11), "--password: At least 12 characters"),
        (("change-by-login", *ANNA[:2], "--password", "x" * 11), "--password: At least 12 char"),
        (("change-by-login", *ANNA[:2], "--email", "anna@"), "--email: Must be an e-mail"),
        (("add", "--login", "\n", *ANNA[2:], "--password", "x"), "--login: "),
        (("add", *ANNA, "--password", "x" * 1025), "--password: Passwords have at most 1024 bytes"),
        (("change-by-login", "--name", "x"), "--login must be given"),
        (("change-by-login", "--login", "nobody"), "There is no user nobody"),
        (("get",), "Name the user with --login or --email"),
        (("get", "--login", "anna", "--email", "other@x"), "There is no user anna other@x"),
        (("delete", "--email", "nobody@x"), "There is no user nobody@x"),
    ],
)
def test_a_refusal_is_one_line(
    flask: Callable[..., Result], arguments: tuple[str, ...], line: str
) -> None:
    factories.user("anna")
    done = flask("user", *arguments)
    assert done.exit_code == 1
    assert done.output.startswith(f"Error: {line}")
    assert done.output.count("\n") == 1
    assert db.session.scalar(select(func.count(User.id))) == 1


@pytest.mark.processes
def test_the_real_program_needs_neither_server_nor_redis(tmp_path: Path) -> None:
    env = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME")}
    env |= {"HELIOGRAPH_DATA_DIR": str(tmp_path), "REDIS_URL": "unix:///nonexistent"}

    def run(*arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        argv = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
        return subprocess.run(argv, cwd=ROOT, env=env, input=typed, capture_output=True, text=True)

    assert run("db", "upgrade").returncode == 0
    added = run("user", "add", *ANNA, "--password", "-", typed="secret of anna\n")
    assert (added.returncode, added.stdout, added.stderr) == (0, "User anna was added\n", "")
    refused = run("user", "add", *ANNA, "--password", "-", typed="secret of anna\n")
    assert refused.returncode == 1
    assert refused.stderr == "Error: --login: Already taken\n"
