"""What a new server says about itself: its address, and how to set it up."""

import socket

import pytest

from app import invitation
from app.config import Config

SECRET = "a-secret"


@pytest.mark.parametrize(
    ("interface", "web_host", "address"),
    [
        ("", "", "http://127.0.0.1:3000"),
        ("::1", "", "http://[::1]:3000"),
        ("0.0.0.0", "", f"http://{socket.gethostname()}:3000"),
        ("::", "", f"http://{socket.gethostname()}:3000"),
        ("0.0.0.0", "https://runs.example.test/", "https://runs.example.test"),
    ],
)
def test_the_address_is_one_that_a_browser_opens(
    interface: str, web_host: str, address: str
) -> None:
    config = Config(INTERFACE=interface, WEB_HOST=web_host, SECRET_KEY=SECRET)
    assert invitation.address(config) == address
    assert invitation.setup_address(config).startswith(f"{address}/setup?token=")


def test_the_token_in_the_address_is_the_one_that_is_accepted() -> None:
    token = invitation.setup_address(Config(SECRET_KEY=SECRET)).partition("?token=")[2]
    assert invitation.is_token(f" {token}\n", SECRET)
    assert not invitation.is_token(token, "another secret")
    assert not invitation.is_token("", SECRET)
    assert not invitation.is_token("ä" * 32, SECRET)
