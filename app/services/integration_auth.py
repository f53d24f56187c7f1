"""How a sender of requests proves itself: one entry for each method of the API."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from app.lib import signatures
from app.services.webhook_values import Received


@dataclass(frozen=True)
class Credential:
    """What a sender must know, and the header that carries the proof."""

    login: str
    password: str
    header: str


@dataclass(frozen=True)
class Method:
    """`check(request, credential)` tells whether the sender has proved itself."""

    title: str
    check: Callable[[Received, Credential], bool]
    needs_secret: bool = True
    needs_header: bool = False


def _anybody(_request: Received, _known: Credential) -> bool:
    return True


def _token(request: Received, known: Credential) -> bool:
    return signatures.is_same(request.header(known.header), known.password)


def _basic(request: Received, known: Credential) -> bool:
    login, password = signatures.basic(request.header("Authorization"))
    # Both are compared, so that the time does not tell which one is wrong.
    same_login = signatures.is_same(login, known.login)
    return signatures.is_same(password, known.password) and same_login


def _signed(
    request: Received, known: Credential, *, algorithm: str, header: str = "", prefix: str = ""
) -> bool:
    given = request.header(header or known.header)
    return signatures.is_signed(
        given, request.body, known.password, algorithm=algorithm, prefix=prefix
    )


_hub = partial(_signed, algorithm="sha256", prefix="sha256=")

METHODS: dict[str, Method] = {
    "": Method("None", _anybody, needs_secret=False),
    "none": Method("None", _anybody, needs_secret=False),
    "token": Method("Token", _token, needs_header=True),
    "hmac": Method("HMAC-SHA256", partial(_signed, algorithm="sha256"), needs_header=True),
    "hmac_sha512": Method("HMAC-SHA512", partial(_signed, algorithm="sha512"), needs_header=True),
    "github": Method("GitHub", partial(_hub, header="X-Hub-Signature-256")),
    "bitbucket": Method("Bitbucket", partial(_hub, header="X-Hub-Signature")),
    "basic": Method("Login and password", _basic),
}
