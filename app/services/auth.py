"""Who may sign in with a password, and how often one may try."""

import hashlib
import ipaddress
from functools import cache

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from redis import Redis
from sqlalchemy import Select, false, func, or_, select, update

from app.db import db, on_commit, transaction
from app.errors import Invalid, TooMany, Unauthenticated
from app.extensions import PREFIX, redis, settings
from app.lib import passwords
from app.lib.throttle import Throttle
from app.models import User
from app.services import events, sessions

WRONG = "Wrong username or password"

# Somebody who mistypes waits a minute; a program that guesses gets 480 tries a day for each name
# and address, and a bounded number of names from one address.
PER_LOGIN: tuple[RateLimitItem, ...] = (RateLimitItemPerMinute(5), RateLimitItemPerHour(20))
PER_IP: tuple[RateLimitItem, ...] = (RateLimitItemPerMinute(60, 10),)


class WrongCredentials(Unauthenticated):
    """Unknown user, wrong password, or a user who has none here: one answer for all."""

    def __init__(self) -> None:
        super().__init__(WRONG)


def offers_password() -> bool:
    """Whether sign-in forms, ours and those of clients, ask for a password.

    Where they do not, a password that is sent all the same still signs in, as in the original:
    scripts do, and an administrator whose provider is away.
    """
    return not settings().PASSWORD_LOGIN_DISABLE


def sign_in(login: str, password: str, *, ip: str) -> User:
    """Return the user with this username or e-mail address and password.

    Call it outside a transaction: hashing takes its time and must not hold SQLite's lock.
    Raises WrongCredentials, and TooMany after too many wrong ones; right ones do not count.
    """
    login = login.strip().lower()
    by_login, by_ip = f"{_attempts_of(login)}{network(ip)}", f"ip:{network(ip)}"
    _count(by_login, by_ip)
    user_id, stored = _known(login)
    right = passwords.verify(stored or passwords.NOBODY, password)
    if not (right and user_id and stored):
        raise WrongCredentials
    throttle().clear(by_login, *PER_LOGIN)
    throttle().take_back(by_ip, *PER_IP)
    return _fresh(user_id, stored, password)


def called(login: str) -> Select[User]:
    """The user whom a username or an e-mail address means, first the one whose username it is.

    Both are stored lower-case, but for the addresses of old rows.
    """
    word = login.strip().lower()
    if not word.isprintable():  # half a surrogate pair, NUL: no database takes it
        return select(User).where(false())
    same = or_(User.username == word, func.lower(User.email) == word)
    return select(User).where(same).order_by(User.username != word, User.id)


def hash_password(password: str) -> str:
    """Return what to store for a new password. Raises Invalid, naming the field `password`."""
    if not password:
        raise Invalid({"password": "Type a password"})
    try:
        return passwords.hash_password(password)
    except passwords.PasswordTooLong as error:
        raise Invalid({"password": str(error)}) from error


def change_password(
    user: User,
    new: str,
    *,
    actor: User,
    current: str | None = None,
    keep_session: str | None,
) -> None:
    """Give a user a new password and end all of his sessions but `keep_session` (its id).

    With `current` it must be the old one, and who guesses at it must wait. The change is a short
    transaction of its own, so that none is open while it hashes: call it from a view marked
    `transaction=False`. Raises Invalid for an external user, a wrong current password (`current`)
    and an unusable new one (`password`), and TooMany.
    """
    if user.external:
        raise Invalid({"password": "This account signs in elsewhere and has no password here"})
    if current is not None:
        _require_current(user, current)
    hashed = hash_password(new)
    with transaction():
        set_password(user, hashed, actor=actor, keep_session=keep_session)


def _require_current(user: User, given: str) -> None:
    """Raise Invalid for a wrong one, and TooMany for those who guess at a screen left unlocked."""
    if wait := throttle().hit(f"{_attempts_of(user.username)}current", *PER_LOGIN):
        raise TooMany(wait)
    if not passwords.verify(user.password or passwords.NOBODY, given):
        raise Invalid({"current": "This is not your current password"})


def set_password(user: User, hashed: str, *, actor: User | None, keep_session: str | None) -> None:
    """Store what hash_password() returned, and end the user's sessions but `keep_session`.

    What was tried against the old password counts no more: whoever was locked out gets in.
    """
    db.session.execute(update(User).where(User.id == user.id).values(password=hashed))
    sessions.close_others(user, but=keep_session)
    events.record(None, actor, user, "given a new password", name=user.username)
    for login in (user.username, user.email.lower()):
        on_commit(throttle().clear_all, _attempts_of(login))


def throttle() -> Throttle:
    """The counters of sign-in attempts, shared by all processes."""
    return _throttle_on(redis.client)


@cache
def _throttle_on(client: Redis) -> Throttle:
    return Throttle(client, PREFIX + "attempts")


def _count(by_login: str, by_ip: str) -> None:
    """Counted before it is known whether it is right, so that many at once do not slip through."""
    wait = max(throttle().hit(by_login, *PER_LOGIN), throttle().hit(by_ip, *PER_IP))
    if wait:
        raise TooMany(wait)


def _known(login: str) -> tuple[int, str]:
    """The id and the stored hash of a user who may sign in by password; else (0, "")."""
    query = called(login).where(User.external.is_(False))
    with transaction(write=False):
        found = db.session.execute(query.with_only_columns(User.id, User.password)).first()
    return (found.id, found.password) if found else (0, "")


def _fresh(user_id: int, stored: str, password: str) -> User:
    """The user, whose hash is renewed if it was made with older parameters."""
    renewed = passwords.hash_password(password) if passwords.needs_rehash(stored) else stored
    with transaction(write=renewed != stored):
        user = db.session.get(User, user_id)
        if user is None or user.password != stored:  # changed while we hashed
            raise WrongCredentials
        if renewed != stored:
            user.password = renewed
        return user


def network(ip: str) -> str:
    """Who has one IPv6 address has 2^64 of them: the network counts, not the address."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return ip
    prefix = 64 if address.version == 6 else 32
    return str(ipaddress.ip_network(f"{address}/{prefix}", strict=False).network_address)


def _attempts_of(login: str) -> str:
    """What the keys of all attempts to sign in as somebody begin with; the network follows."""
    return f"login:{_digest(login)}:"


def _digest(login: str) -> str:
    return hashlib.sha256(login.encode("utf-8", "surrogatepass")).hexdigest()[:16]
