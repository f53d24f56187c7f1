"""How senders of webhooks prove themselves, each compared in a time that tells nothing."""

import base64
import binascii
import hashlib
import hmac

CODED = "whsec_"  # how a secret begins that is bytes in base64


def is_same(given: str, wanted: str) -> bool:
    """Whether two texts are equal; an empty wanted text equals nothing."""
    return bool(wanted) and hmac.compare_digest(given.encode(), wanted.encode())


def is_signed(given: str, body: bytes, secret: str, *, algorithm: str, prefix: str = "") -> bool:
    """Whether `given` is `prefix` and the HMAC of the body in hexadecimal digits (RFC 2104)."""
    if not secret or not given.startswith(prefix):
        return False
    wanted = hmac.new(secret.encode(), body, getattr(hashlib, algorithm)).hexdigest()
    return hmac.compare_digest(given[len(prefix) :].lower().encode(), wanted.encode())


def is_stamped(given: str, number: str, stamp: str, body: bytes, secret: str) -> bool:
    """Whether one of the signatures `given` ("v1,<base64>", spaces between them) is the HMAC-SHA256
    of a message's number, time and body (https://www.standardwebhooks.com, symmetric signatures).
    """
    if not secret:
        return False
    signed = b".".join((number.encode(), stamp.encode(), body))
    digest = hmac.new(_key(secret), signed, hashlib.sha256).digest()
    wanted = b"v1," + base64.b64encode(digest)
    return any([hmac.compare_digest(each.encode(), wanted) for each in given.split()])


def _key(secret: str) -> bytes:
    try:
        coded = secret.removeprefix(CODED) if secret.startswith(CODED) else ""
        return base64.b64decode(coded, validate=True) or secret.encode()
    except ValueError:  # no base64, or not even ASCII
        return secret.encode()


def basic(given: str) -> tuple[str, str]:
    """Login and password of an Authorization header; two empty texts if it has none (RFC 7617)."""
    scheme, _, coded = given.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        login, _, password = base64.b64decode(coded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return login, password
