import base64
import hashlib
import hmac

import pytest

from app.lib import signatures

BODY = b'{"ref": "refs/heads/main", "head": {"id": "abc123"}, "n": 5}'
# What a real server took for this body with the secret "vaultpw".
RECORDED = "e84110e0df86886ebfea61f78ad3b8db13769c0f33dcce42712b77c385729153"


def test_a_recorded_signature_holds() -> None:
    assert signatures.is_signed(RECORDED, BODY, "vaultpw", algorithm="sha256")
    hub = f"sha256={RECORDED}"
    assert signatures.is_signed(hub, BODY, "vaultpw", algorithm="sha256", prefix="sha256=")


@pytest.mark.parametrize(
    ("given", "body", "secret", "prefix"),
    [
        ("", BODY, "vaultpw", ""),
        (RECORDED[:-1], BODY, "vaultpw", ""),
        (RECORDED + "0", BODY, "vaultpw", ""),
        (RECORDED, BODY + b" ", "vaultpw", ""),
        (RECORDED, BODY, "other", ""),
        (RECORDED, BODY, "vaultpw", "sha256="),
        (f"sha256={RECORDED}", BODY, "vaultpw", ""),
        (f"sha1={RECORDED}", BODY, "vaultpw", "sha256="),
        ("é" * 64, BODY, "vaultpw", ""),
        (hmac.new(b"", BODY, hashlib.sha256).hexdigest(), BODY, "", ""),
    ],
)
def test_a_wrong_one_does_not(given: str, body: bytes, secret: str, prefix: str) -> None:
    assert not signatures.is_signed(given, body, secret, algorithm="sha256", prefix=prefix)


def test_one_algorithm_is_not_another() -> None:
    longer = hmac.new(b"vaultpw", BODY, hashlib.sha512).hexdigest()
    assert signatures.is_signed(longer, BODY, "vaultpw", algorithm="sha512")
    assert not signatures.is_signed(longer, BODY, "vaultpw", algorithm="sha256")
    assert not signatures.is_signed(RECORDED, BODY, "vaultpw", algorithm="sha512")


def test_nothing_is_the_same_as_an_empty_secret() -> None:
    assert signatures.is_same("a", "a") and not signatures.is_same("a", "b")
    assert not signatures.is_same("", "")


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("Basic " + base64.b64encode(b"ci:pass:word").decode(), ("ci", "pass:word")),
        ("basic " + base64.b64encode("ci:pässword".encode()).decode(), ("ci", "pässword")),
        ("Bearer abc", ("", "")),
        ("Basic !!!", ("", "")),
        ("Basic /w==", ("", "")),
        ("", ("", "")),
    ],
)
def test_basic_credentials(given: str, found: tuple[str, str]) -> None:
    assert signatures.basic(given) == found


# The example that libraries of Standard Webhooks are tested with.
STAMPED = ("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}')
CODED = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SIGNED = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_stamped_signature_holds_among_others() -> None:
    assert signatures.is_stamped(SIGNED, *STAMPED, CODED)
    assert signatures.is_stamped(f"v1,AAAA {SIGNED} v2,x", *STAMPED, CODED)


@pytest.mark.parametrize(
    ("given", "message", "secret"),
    [
        ("", STAMPED, CODED),
        (SIGNED, STAMPED, ""),
        (SIGNED, STAMPED, CODED.removeprefix("whsec_")),
        (SIGNED[:-2], STAMPED, CODED),
        (SIGNED.replace("v1,", "v1a,"), STAMPED, CODED),
        (SIGNED, ("msg_other", *STAMPED[1:]), CODED),
        (SIGNED, (STAMPED[0], "1614265331", STAMPED[2]), CODED),
        (SIGNED, (*STAMPED[:2], b'{"test": 2432232315}'), CODED),
    ],
)
def test_a_stamped_signature_of_something_else_does_not(given, message, secret) -> None:
    assert not signatures.is_stamped(given, *message, secret)


@pytest.mark.parametrize("secret", ["plain", "whsec_", "whsec_ä=", "whsec_not base64!"])
def test_a_secret_that_is_no_base64_is_a_text(secret: str) -> None:
    digest = hmac.new(secret.encode(), b"1.2.x", hashlib.sha256).digest()
    given = f"v1,{base64.b64encode(digest).decode()}"
    assert signatures.is_stamped(given, "1", "2", b"x", secret)
