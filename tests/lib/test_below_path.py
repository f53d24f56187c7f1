import pytest

from app.lib.below_path import BelowPath, path_of


@pytest.mark.parametrize(
    ("asked", "inner"),
    [
        ("/heliograph/login", "/login"),
        ("/heliograph", "/"),
        ("/heliograph/", "/"),
        ("/login", "/login"),
        ("/heliographs/x", "/heliographs/x"),
    ],
)
def test_it_is_understood_with_and_without_the_path(asked: str, inner: str) -> None:
    seen = {}

    def app(environ, _start):
        seen.update(environ)
        return []

    BelowPath(app, "/heliograph")({"PATH_INFO": asked}, None)
    assert (seen["PATH_INFO"], seen["SCRIPT_NAME"]) == (inner, "/heliograph")


def test_what_a_proxy_says_of_the_path_counts() -> None:
    seen = {}
    told = {"PATH_INFO": "/login", "SCRIPT_NAME": "/other"}
    BelowPath(lambda environ, _: seen.update(environ) or [], "/heliograph")(told, None)
    assert seen["SCRIPT_NAME"] == "/other"


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("", ""),
        ("https://ops.example.test", ""),
        ("https://ops.example.test/", ""),
        ("https://ops.example.test/heliograph/", "/heliograph"),
        ("https://ops.example.test/a/b", "/a/b"),
    ],
)
def test_the_path_of_an_address(address: str, path: str) -> None:
    assert path_of(address) == path
