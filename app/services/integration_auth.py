"""How a sender of requests proves itself: one entry for each method of the API."""

import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass

from app.lib import signatures
from app.services.webhook_values import Received

OLDEST = 300  # seconds that a signed time may be off
STAMPED_HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")


@dataclass(frozen=True)
class Credential:
    """What a sender must know, and the header that carries the proof."""

    login: str
    password: str
    header: str


@dataclass(frozen=True)
class Signature:
    """An HMAC of the body, behind a prefix in a header; no header: the integration names it."""

    algorithm: str
    header: str = ""
    prefix: str = ""

    def flaw(self, request: Received, known: Credential) -> str:
        header = self.header or known.header
        given = request.header(header)
        if not given.startswith(self.prefix):
            return f"{header} does not begin with {self.prefix}" if given else _missing(header)
        right = signatures.is_signed(
            given, request.body, known.password, algorithm=self.algorithm, prefix=self.prefix
        )
        return "" if right else _wrong(given, header)


@dataclass(frozen=True)
class Method:
    """`flaw(request, credential)` says what is wrong with a sender's proof; "": nothing is."""

    title: str
    flaw: Callable[[Received, Credential], str]
    needs_secret: bool = True
    needs_header: bool = False
    signature: Signature | None = None
    is_stamped: bool = False


def _signed(title: str, signature: Signature) -> Method:
    return Method(title, signature.flaw, needs_header=not signature.header, signature=signature)


def _anybody(_request: Received, _known: Credential) -> str:
    return ""


def _token(request: Received, known: Credential) -> str:
    given = request.header(known.header)
    if signatures.is_same(given, known.password):
        return ""
    return f"{known.header} is wrong" if given else _missing(known.header)


def _basic(request: Received, known: Credential) -> str:
    given = request.header("Authorization")
    login, password = signatures.basic(given)
    # Both are compared, so that the time does not tell which one is wrong.
    same_login = hmac.compare_digest(login.encode(), known.login.encode())
    if signatures.is_same(password, known.password) and same_login:
        return ""
    return "login or password is wrong" if given else _missing("Authorization")


def _stamped(request: Received, known: Credential) -> str:
    given = [request.header(name) for name in STAMPED_HEADERS]
    if not all(given):
        return _missing(STAMPED_HEADERS[given.index("")])
    number, stamp, signature = given
    is_number = stamp.isascii() and stamp.isdigit()
    if not is_number or abs(time.time() - float(stamp)) > OLDEST:
        return f"{STAMPED_HEADERS[1]} is more than {OLDEST // 60} minutes off the clock here"
    right = signatures.is_stamped(signature, number, stamp, request.body, known.password)
    return "" if right else _wrong(signature, STAMPED_HEADERS[2])


def _wrong(given: str, header: str) -> str:
    return f"{header} is that of another secret or body" if given else _missing(header)


def _missing(header: str) -> str:
    return f"{header} is missing"


METHODS: dict[str, Method] = {
    "": Method("None", _anybody, needs_secret=False),
    "none": Method("None", _anybody, needs_secret=False),
    "token": Method("Token", _token, needs_header=True),
    "hmac": _signed("HMAC-SHA256", Signature("sha256")),
    "hmac_sha512": _signed("HMAC-SHA512", Signature("sha512")),
    "github": _signed("GitHub", Signature("sha256", "X-Hub-Signature-256", "sha256=")),
    "bitbucket": _signed("Bitbucket", Signature("sha256", "X-Hub-Signature", "sha256=")),
    "standard": Method("Standard Webhooks", _stamped, is_stamped=True),
    "basic": Method("Login and password", _basic),
}
