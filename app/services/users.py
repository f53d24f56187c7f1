"""Users: who may sign in."""

import unicodedata

from sqlalchemy import func, or_, select

from app.db import db
from app.errors import DomainError, Forbidden, Invalid, NotFound
from app.models import User
from app.schemas.users import UserChange, UserIn
from app.services import auth, events, options, project_users

SIGNS = "._-@+"  # in usernames, beside letters and digits


def list_all() -> list[User]:
    """Everybody, oldest first."""
    return list(db.session.scalars(select(User).order_by(User.id)))


def get(user_id: int) -> User:
    """Raises NotFound."""
    user = db.session.get(User, user_id)
    if user is None:
        raise NotFound(f"There is no user {user_id}")
    return user


def get_for(user_id: int, *, actor: User | None) -> User:
    """A user whom `actor` may manage: himself, or as an administrator (or the server) everybody."""
    user = get(user_id)
    if actor is not None and user.id != actor.id and not actor.admin:
        raise Forbidden("Only administrators may manage other users")
    return user


def find(text: str) -> User | None:
    """Whom a username or an e-mail address belongs to."""
    return db.session.scalar(auth.called(text).limit(1))


def search(text: str, *, limit: int) -> list[User]:
    """Users whose name, username or address contains a text, by name."""
    columns = (User.name, User.username, User.email)
    found = or_(*(column.icontains(text, autoescape=True) for column in columns))
    query = select(User).where(found) if text else select(User)
    return list(db.session.scalars(query.order_by(func.lower(User.name), User.id).limit(limit)))


def hash_of(data: UserChange) -> str:
    """The hash of a password that was given, else "". Raises Invalid, naming the field.

    Call it outside a transaction: hashing takes its time and must not hold SQLite's lock.
    """
    return auth.hash_password(data.password) if data.password else ""


def create(data: UserIn, *, actor: User | None, hashed: str = "") -> User:
    """Without `hashed`, which is what `hash_of` has returned, he cannot sign in with a password.

    Raises Invalid, naming the field, for a username or e-mail address that is taken, and for a
    username that is no name; that of an external user is whatever it is there.
    """
    if not data.external:
        _check_username(data.username)
    _check_free(data)
    user = User(external=data.external, admin=data.admin, password=hashed)
    _fill(user, data)
    db.session.add(user)
    db.session.flush()  # The event below needs the id.
    events.record(None, actor, user, "created", name=user.username)
    return user


def update(
    user_id: int,
    data: UserChange,
    *,
    actor: User | None,
    hashed: str = "",
    keep_session: str | None = None,
) -> User:
    """Change a user; with `hashed` (of `hash_of`) also his password, which ends other sessions.

    Raises Forbidden for one's own admin flag, Invalid for the username of an external user and for
    a new one that is no name, DomainError where no administrator would be left.
    """
    user = get_for(user_id, actor=actor)
    _refuse_change(user, data, actor, has_password=bool(hashed))
    _check_free(data, but=user)
    _fill(user, data)
    user.admin = data.admin
    if hashed:
        auth.set_password(user, hashed, actor=actor, keep_session=keep_session)
    events.record(None, actor, user, "updated", name=user.username)
    return user


def _refuse_change(user: User, data: UserChange, actor: User | None, *, has_password: bool) -> None:
    if actor is not None and user.id == actor.id and data.admin != user.admin:
        raise Forbidden("Nobody can change his own admin flag")
    if user.external and data.username != user.username:
        raise Invalid({"username": "The username of an external user comes from where he signs in"})
    if data.username != user.username:
        _check_username(data.username)
    if user.external and has_password:
        raise Invalid({"password": "This account signs in elsewhere and has no password here"})
    if not data.admin:
        _keep_an_administrator(user)


def delete(user_id: int, *, actor: User | None) -> None:
    """Delete a user with memberships, tokens and sessions; what he did stays, without him.

    Raises DomainError for the last administrator, and for the last owner of a project.
    """
    user = get_for(user_id, actor=actor)
    _keep_an_administrator(user)
    project_users.refuse_last_owner(user)
    events.record(None, actor, user, "deleted", name=user.username)
    options.forget(user)
    db.session.flush()  # The event names its actor, who may be the one who goes.
    db.session.delete(user)
    db.session.flush()  # Whatever refuses it does so here.


def _keep_an_administrator(user: User) -> None:
    """Refuse to lose the last one: nobody could manage the server, and set-up would not return.

    The rows are locked, so that two who go at the same time do not count on each other.
    """
    admins = select(User.id).where(User.admin.is_(True)).order_by(User.id).with_for_update()
    if user.admin and list(db.session.scalars(admins)) == [user.id]:
        raise DomainError(f"{user.username} is the last administrator: make another one first")


def _check_username(name: str) -> None:
    """Those who have one that is older than this rule keep it."""
    if not all(character in SIGNS or _is_of_a_word(character) for character in name):
        raise Invalid({"username": f"Must consist of letters, digits and {' '.join(SIGNS)}"})


def _is_of_a_word(character: str) -> bool:
    """A letter of any script, a mark that belongs to one, or a digit."""
    return unicodedata.category(character)[0] in "LM" or character.isdecimal()


def _fill(user: User, data: UserChange) -> None:
    user.username = data.username
    user.email = data.email
    user.name = data.name
    user.alert = data.alert


def _check_free(data: UserChange, but: User | None = None) -> None:
    """Neither name nor address may be anybody else's name or address: either one signs in."""
    taken = {"username": data.username, "email": data.email}
    for field, value in taken.items():
        query = auth.called(value)
        if but is not None:
            query = query.where(User.id != but.id)
        if db.session.scalar(query.with_only_columns(User.id).limit(1)) is not None:
            raise Invalid({field: "Already taken"})
