"""Who signs in with a password, who does not, and how often one may try."""

from collections.abc import Callable

import pytest
from flask import Flask
from redis import Redis
from sqlalchemy import select

from app.db import db
from app.errors import Invalid, TooMany
from app.extensions import redis
from app.lib import passwords
from app.models import Session, User
from app.services import auth, sessions
from tests import factories

GOOD = "correct horse battery"
IP = "192.0.2.7"


@pytest.fixture
def anna(app: Flask) -> User:
    return factories.user("anna", email="Anna@Example.test", password=auth.hash_password(GOOD))


def sign_in(login: str = "anna", password: str = GOOD, ip: str = IP) -> User:
    return auth.sign_in(login, password, ip=ip)


@pytest.mark.parametrize(
    "login", ["anna", "ANNA", " anna ", "anna@example.test", "ANNA@EXAMPLE.TEST"]
)
def test_username_and_email_sign_in_in_any_case(anna: User, login: str) -> None:
    assert sign_in(login).id == anna.id
    assert not db.session().in_transaction()


@pytest.mark.parametrize(
    ("login", "password"),
    [("anna", "wrong"), ("anna", ""), ("nobody", GOOD), ("", ""), ("a\ud800", GOOD), ("a\0", GOOD)],
)
def test_everything_wrong_is_refused_in_the_same_words(
    anna: User, login: str, password: str
) -> None:
    with pytest.raises(auth.WrongCredentials, match="Wrong username or password"):
        sign_in(login, password)


@pytest.mark.parametrize("stored", ["", "plain", GOOD])
def test_who_has_no_usable_hash_cannot_sign_in(app: Flask, stored: str) -> None:
    factories.user("ldap", password=stored)
    for password in (stored, GOOD, "anything"):
        with pytest.raises(auth.WrongCredentials):
            sign_in("ldap", password)


def test_an_external_user_has_no_password_here(anna: User) -> None:
    anna.external = True
    db.session.commit()
    with pytest.raises(auth.WrongCredentials):
        sign_in()


def test_a_username_that_is_an_email_address_wins_over_the_address(anna: User) -> None:
    other = factories.user("anna@example.test", email="x@x", password=auth.hash_password("other"))
    assert sign_in("anna@example.test", "other").id == other.id


def test_a_hash_with_older_parameters_is_renewed(anna: User, weak: Callable[[str], str]) -> None:
    anna.password = weak(GOOD)
    db.session.commit()
    assert passwords.needs_rehash(anna.password)
    sign_in()
    assert not passwords.needs_rehash(anna.password)
    assert passwords.verify(anna.password, GOOD)


@pytest.fixture
def weak() -> Callable[[str], str]:
    return passwords.PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash


def test_the_sixth_wrong_password_waits_and_so_does_a_right_one(anna: User) -> None:
    for _ in range(5):
        with pytest.raises(auth.WrongCredentials):
            sign_in(password="wrong")
    with pytest.raises(TooMany) as refused:
        sign_in()
    assert 1 <= refused.value.retry_after <= 60


def test_somebody_else_and_another_address_do_not_wait(anna: User) -> None:
    factories.user("bert", password=auth.hash_password("other"))
    for _ in range(5):
        with pytest.raises(auth.WrongCredentials):
            sign_in(password="wrong")
    assert sign_in("bert", "other").username == "bert"
    assert sign_in(ip="192.0.2.8").id == anna.id


@pytest.mark.parametrize("login", ["anna", "anna@example.test"])
def test_a_new_password_ends_the_wait_from_everywhere(anna: User, login: str) -> None:
    for ip in (IP, "2001:db8::1"):
        for _ in range(5):
            with pytest.raises(auth.WrongCredentials):
                sign_in(login, "wrong", ip=ip)
    auth.change_password(anna, "another horse", actor=anna, keep_session=None)
    for ip in (IP, "2001:db8::1"):
        assert sign_in(login, "another horse", ip=ip).id == anna.id


def test_a_new_password_of_somebody_else_ends_no_wait(anna: User) -> None:
    for _ in range(5):
        with pytest.raises(auth.WrongCredentials):
            sign_in(password="wrong")
    auth.change_password(factories.user("bert"), "another horse", actor=anna, keep_session=None)
    with pytest.raises(TooMany):
        sign_in()


def test_right_passwords_do_not_count(anna: User) -> None:
    for _ in range(8):
        for _ in range(4):
            with pytest.raises(auth.WrongCredentials):
                sign_in(password="wrong")
        sign_in()
    assert [int(redis.client.get(key)) for key in redis.client.keys("*attempts*/ip:*")] == [32]


def test_one_address_cannot_try_many_names(app: Flask) -> None:
    for n in range(60):
        with pytest.raises(auth.WrongCredentials):
            sign_in(f"user{n}", "")
    with pytest.raises(TooMany) as refused:
        sign_in("one more", "")
    assert 1 <= refused.value.retry_after <= 600


def test_a_whole_ipv6_network_counts_as_one_address(anna: User) -> None:
    for n in range(5):
        with pytest.raises(auth.WrongCredentials):
            sign_in(password="wrong", ip=f"2001:db8::{n + 1}")
    with pytest.raises(TooMany):
        sign_in(ip="2001:db8::99")
    assert sign_in(ip="2001:db8:0:1::1").id == anna.id


def test_without_redis_this_process_counts(
    anna: User, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = Redis.from_url("unix:///nonexistent/socket")
    monkeypatch.setitem(app.extensions, "redis", gone)
    assert sign_in().id == anna.id
    for _ in range(5):
        with pytest.raises(auth.WrongCredentials):
            sign_in(password="wrong")
    with pytest.raises(TooMany):
        sign_in()


def test_a_new_password_ends_every_other_session(anna: User) -> None:
    kept = sessions.find(sessions.open_for(anna, ip=IP, user_agent="here"))
    sessions.open_for(anna, ip=IP, user_agent="elsewhere")
    other = factories.user("bert")
    sessions.open_for(other, ip=IP, user_agent="bert's")
    db.session.commit()
    assert kept
    auth.change_password(anna, "something else", current=GOOD, actor=anna, keep_session=kept.id)
    left = set(db.session.scalars(select(Session.user_agent)))
    assert left == {"here", "bert's"}
    assert sign_in(password="something else").id == anna.id
    with pytest.raises(auth.WrongCredentials):
        sign_in()


def test_a_wrong_current_password_changes_nothing(anna: User) -> None:
    with pytest.raises(Invalid) as refused:
        auth.change_password(anna, "something else", current="wrong", actor=anna, keep_session=None)
    assert refused.value.fields == {"current": "This is not your current password"}
    assert sign_in().id == anna.id


def test_nobody_guesses_the_current_password(anna: User) -> None:
    wrong = {"current": "wrong", "actor": anna, "keep_session": None}
    for _ in range(5):
        with pytest.raises(Invalid):
            auth.change_password(anna, "something else", **wrong)
    with pytest.raises(TooMany):
        auth.change_password(anna, "something else", **wrong | {"current": GOOD})
    assert sign_in().id == anna.id


@pytest.mark.parametrize("new", ["", "x" * 1025])
def test_an_unusable_new_password_is_named(anna: User, new: str) -> None:
    with pytest.raises(Invalid) as refused:
        auth.change_password(anna, new, actor=anna, keep_session=None)
    assert list(refused.value.fields) == ["password"]


def test_an_external_user_gets_no_password(anna: User) -> None:
    anna.external = True
    db.session.commit()
    with pytest.raises(Invalid, match="signs in elsewhere"):
        auth.change_password(anna, "something", actor=anna, keep_session=None)
