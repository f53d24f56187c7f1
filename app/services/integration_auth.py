"""How a sender of requests proves itself: one entry for each method of the API."""

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

    def check(self, request: Received, known: Credential) -> bool:
        given = request.header(self.header or known.header)
        return signatures.is_signed(
            given, request.body, known.password, algorithm=self.algorithm, prefix=self.prefix
        )


@dataclass(frozen=True)
class Method:
    """`check(request, credential)` tells whether the sender has proved itself."""

    title: str
    check: Callable[[Received, Credential], bool]
    needs_secret: bool = True
    needs_header: bool = False
    signature: Signature | None = None
    is_stamped: bool = False


def _signed(title: str, signature: Signature) -> Method:
    return Method(title, signature.check, needs_header=not signature.header, signature=signature)


def _anybody(_request: Received, _known: Credential) -> bool:
    return True


def _token(request: Received, known: Credential) -> bool:
    return signatures.is_same(request.header(known.header), known.password)


def _basic(request: Received, known: Credential) -> bool:
    login, password = signatures.basic(request.header("Authorization"))
    # Both are compared, so that the time does not tell which one is wrong.
    same_login = signatures.is_same(login, known.login)
    return signatures.is_same(password, known.password) and same_login


def _stamped(request: Received, known: Credential) -> bool:
    number, stamp, given = map(request.header, STAMPED_HEADERS)
    is_fresh = stamp.isascii() and stamp.isdigit() and abs(time.time() - float(stamp)) <= OLDEST
    return is_fresh and signatures.is_stamped(given, number, stamp, request.body, known.password)


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
