import pytest

from app.schemas.access_keys import AccessKeyChange, AccessKeyIn
from tests.schemas.checks import read, refusal


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"type": "none"}, "name can not be empty"),
        ({"name": " ", "type": "none"}, "name can not be empty"),
        ({"name": "k", "type": "ssh"}, "private key can not be empty"),
        ({"name": "k", "type": "ssh", "ssh": {"login": "x"}}, "private key can not be empty"),
        ({"name": "k", "type": "login_password"}, "password can not be empty"),
        ({"name": "k"}, "type: Must be one of none, ssh, login_password"),
        ({"name": "k", "type": "string"}, "type: Must be one of none, ssh, login_password"),
    ],
)
def test_an_incomplete_key_is_refused_in_known_words(values: dict, message: str) -> None:
    assert str(refusal(AccessKeyIn, **values)) == message


def test_a_login_may_be_empty() -> None:
    key = read(AccessKeyIn, name="k", type="login_password", login_password={"password": "p"})
    assert key.part == key.login_password


def test_a_key_without_a_secret_has_none() -> None:
    assert read(AccessKeyIn, name="k", type="none", ssh={"private_key": "x"}).part is None


def test_a_change_without_override_needs_only_a_name() -> None:
    assert read(AccessKeyChange, name="k").replaces_secret is False
    assert read(AccessKeyChange, name="k", type="ssh").replaces_secret is False


def test_a_change_with_override_is_complete() -> None:
    words = "type: Must be one of none, ssh, login_password"
    assert "Must be one of" in str(refusal(AccessKeyChange, name="k", override_secret=True))
    assert str(refusal(AccessKeyChange, name="k", type="zzz")) == words
    assert str(refusal(AccessKeyChange, name="k", override_secret=True, type="ssh")) == (
        "private key can not be empty"
    )
