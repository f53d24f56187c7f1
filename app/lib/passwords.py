"""Passwords as argon2id hashes, two at once at most: each takes 19 MiB and some 50 ms of a core."""

import sys
import threading
from collections.abc import Callable
from functools import cache
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MAX_BYTES = 1024
AT_ONCE = 2

# Two sign-ins at once must fit beside everything else into 512 MB.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

# A hash that no password matches, as dear as a real one: whoever asks for an unknown user waits
# as long as for a known one.
NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGhhcyB0aGlzIA$" + "A" * 43


class PasswordTooLong(ValueError):
    """More than MAX_BYTES: nobody types that, and hashing it would be work for an attacker."""


def hash_password(password: str) -> str:
    """Return the hash to store, with its own salt and parameters. Raises PasswordTooLong."""
    return _slot(_hasher.hash, _encoded(password))


def verify(stored: str, password: str) -> bool:
    """Whether a password is the one that was hashed; one that is too long is not."""
    try:
        return _slot(_matches, stored, _encoded(password))
    except PasswordTooLong:
        return False


def _matches(stored: str, password: bytes) -> bool:
    """Raises nothing: gevent prints the traceback of what is raised in one of its threads."""
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def needs_rehash(stored: str) -> bool:
    """Whether a hash was made with other parameters than today's."""
    try:
        return _hasher.check_needs_rehash(stored)
    except InvalidHashError:
        return True


def _encoded(password: str) -> bytes:
    """JSON can carry half of a surrogate pair, which plain UTF-8 refuses."""
    data = password.encode("utf-8", "surrogatepass")
    if len(data) > MAX_BYTES:
        raise PasswordTooLong(f"Passwords have at most {MAX_BYTES} bytes")
    return data


@cache
def _slots() -> threading.BoundedSemaphore:
    """Made at first use: gevent may patch locks after this module was imported."""
    return threading.BoundedSemaphore(AT_ONCE)


def _slot(work: Callable[..., Any], *args: Any) -> Any:
    """Do the work when a slot is free; under gevent in a thread, so that others go on."""
    with _slots():
        pool = _thread_pool()
        return pool.apply(work, args) if pool else work(*args)


def _thread_pool() -> Any:
    """gevent's, where it has patched this process; where nobody has loaded it, nor do we."""
    monkey = sys.modules.get("gevent.monkey")
    if monkey is None or not monkey.is_module_patched("threading"):
        return None
    return sys.modules["gevent"].get_hub().threadpool
