import pytest
from flask import Flask
from sqlalchemy import func, select

from app.db import db
from app.errors import DomainError, Forbidden, Invalid, NotFound
from app.models import ApiToken, Event, Project, ProjectUser, Session, Task, User
from app.schemas.users import UserChange, UserIn
from app.services import api_tokens, auth, sessions, users
from tests import factories

NINA = {"username": "nina", "email": "nina@example.test", "name": "Nina"}


def change(user: User, **values: object) -> UserChange:
    kept = {"username": user.username, "email": user.email, "name": user.name}
    return UserChange.model_validate(kept | {"admin": user.admin, "alert": user.alert} | values)


def test_a_user_without_a_password_cannot_sign_in_with_one(app: Flask) -> None:
    user = users.create(UserIn(**NINA), actor=None)
    assert user.password == ""
    db.session.commit()
    with pytest.raises(auth.WrongCredentials):
        auth.sign_in("nina", "anything", ip="127.0.0.1")


def test_a_password_is_stored_as_a_hash_and_signs_in(app: Flask) -> None:
    data = UserIn(**NINA, password="pw of nina")
    user = users.create(data, actor=None, hashed=users.hash_of(data))
    assert user.password.startswith("$argon2id$")
    db.session.commit()
    assert auth.sign_in("NINA", "pw of nina", ip="127.0.0.1").id == user.id


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", "alice"),
        ("email", "alice@example.test"),
        ("username", "alice@example.test"),
        ("email", "alice"),
    ],
)
def test_neither_name_nor_address_may_be_anybody_elses(
    cast: dict[str, User], field: str, value: str
) -> None:
    with pytest.raises(Invalid) as refused:
        users.create(UserIn(**NINA | {field: value}), actor=None)
    assert refused.value.fields == {field: "Already taken"}


def test_names_that_differ_by_an_accent_are_two(app: Flask) -> None:
    for name in ("jose", "jos\u00e9"):
        data = NINA | {"username": name, "email": f"{name}@example.test"}
        users.create(UserIn(**data), actor=None)
    assert db.session.scalar(select(func.count(User.id))) == 2


@pytest.mark.parametrize(
    "name",
    [
        "ann-e.x_1@example+test",
        "\u017eofie",
        "\u5c71\u7530",
        "zo\u0308",
        "\u0938\u0940\u0924\u093e",
    ],
)
def test_a_username_has_letters_of_any_script_digits_and_a_few_signs(app: Flask, name: str) -> None:
    assert users.create(UserIn(**NINA | {"username": name}), actor=None).username == name


@pytest.mark.parametrize(
    "name",
    ["<b>xss", "ni na", "nina'", 'n"', "a/b", "a\\b", "a:b", "\U0001f600", "\u00bd"],
)
def test_other_signs_are_refused_for_new_and_renamed_users(
    cast: dict[str, User], name: str
) -> None:
    said = {"username": "Must consist of letters, digits and . _ - @ +"}
    with pytest.raises(Invalid) as refused:
        users.create(UserIn(**NINA | {"username": name}), actor=None)
    assert refused.value.fields == said
    with pytest.raises(Invalid) as refused:
        users.update(cast["bob"].id, change(cast["bob"], username=name), actor=None)
    assert refused.value.fields == said


def test_a_name_that_is_there_stays_and_one_of_elsewhere_is_taken(app: Flask) -> None:
    old = factories.user("o'hara", email="o@example.test")
    users.update(old.id, change(old, name="Scarlett"), actor=None)
    assert (old.username, old.name) == ("o'hara", "Scarlett")
    data = UserIn(**NINA | {"username": "corp\\nina"}, external=True)
    assert users.create(data, actor=None).username == "corp\\nina"


def test_one_rule_says_whom_a_name_means(app: Flask) -> None:
    old = factories.user("anna", email="Anna@Example.test")
    for login in ("anna", " ANNA ", "anna@example.test", "Anna@Example.test"):
        assert users.find(login) is old
    with pytest.raises(Invalid):
        users.create(UserIn(**NINA | {"email": "anna@example.test"}), actor=None)
    first = factories.user("anna@example.test", email="x@x")
    assert users.find("anna@example.test") is first
    assert users.find("anna\0") is None


def test_a_user_may_keep_his_own_name(cast: dict[str, User]) -> None:
    alice = cast["alice"]
    users.update(alice.id, change(alice, name="Alice A."), actor=alice)
    assert alice.name == "Alice A."


def test_nobody_changes_his_own_admin_flag(cast: dict[str, User]) -> None:
    for name, admin in (("alice", True), ("root", False)):
        with pytest.raises(Forbidden):
            users.update(cast[name].id, change(cast[name], admin=admin), actor=cast[name])
    users.update(cast["bob"].id, change(cast["bob"], admin=True), actor=cast["root"])
    assert cast["bob"].admin


def test_the_last_administrator_stays(cast: dict[str, User]) -> None:
    root, bob = cast["root"], cast["bob"]
    for act in (
        lambda: users.delete(root.id, actor=root),
        lambda: users.delete(root.id, actor=None),
        lambda: users.update(root.id, change(root, admin=False), actor=None),
    ):
        with pytest.raises(DomainError, match="root is the last administrator"):
            act()
    users.update(bob.id, change(bob, admin=True), actor=root)
    users.update(bob.id, change(bob, admin=False), actor=root)
    users.update(bob.id, change(bob, admin=True), actor=root)
    users.delete(root.id, actor=bob)
    assert [user.id for user in users.list_all() if user.admin] == [bob.id]


def test_others_are_managed_by_administrators_only(cast: dict[str, User]) -> None:
    bob = cast["bob"]
    for act in (
        lambda: users.get_for(bob.id, actor=cast["alice"]),
        lambda: users.update(bob.id, change(bob), actor=cast["alice"]),
        lambda: users.delete(bob.id, actor=cast["alice"]),
    ):
        with pytest.raises(Forbidden):
            act()


def test_an_external_user_keeps_his_name_and_has_no_password(cast: dict[str, User]) -> None:
    user = factories.user("ext", external=True)
    for field, data, hashed in (
        ("username", change(user, username="other"), ""),
        ("password", change(user), factories.password_hash()),
    ):
        with pytest.raises(Invalid) as refused:
            users.update(user.id, data, actor=cast["root"], hashed=hashed)
        assert list(refused.value.fields) == [field]


def test_a_new_password_ends_the_other_sessions(cast: dict[str, User]) -> None:
    alice = cast["alice"]
    for _ in range(2):
        sessions.open_for(alice, ip="", user_agent="")
    db.session.flush()
    kept = sessions.list_for(alice)[0].id
    hashed = users.hash_of(change(alice, password="a new one"))
    users.update(alice.id, change(alice), actor=alice, hashed=hashed, keep_session=kept)
    assert [session.id for session in sessions.list_for(alice)] == [kept]


def test_who_goes_takes_sessions_tokens_and_memberships_along(
    cast: dict[str, User], project: Project
) -> None:
    carol, gone = cast["carol"], cast["carol"].id
    task = factories.task(factories.template(project), user_id=carol.id)
    api_tokens.create(carol)
    sessions.open_for(carol, ip="", user_agent="")
    db.session.commit()
    users.delete(carol.id, actor=carol)
    db.session.commit()
    db.session.expire_all()
    for model in (ApiToken, Session, ProjectUser):
        assert db.session.scalar(select(model).filter_by(user_id=gone)) is None
    assert db.session.get(Task, task.id).user_id is None
    event = db.session.scalars(select(Event).order_by(Event.id.desc())).first()
    assert (event.description, event.user_id) == ("User carol deleted", None)


def test_an_unknown_user_is_not_found(app: Flask) -> None:
    for user_id in (0, -1, 10**17):
        with pytest.raises(NotFound):
            users.get(user_id)
