import tomllib
from collections.abc import Callable
from pathlib import Path

from flask.testing import FlaskClient

from app.version import API, VERSION


def test_it_says_what_it_is(api: Callable[[str], FlaskClient]) -> None:
    info = api("dave").get("/api/info").json
    assert info["version"] == f"{API}-heliograph-{VERSION}"
    assert (info["web_host"], info["use_remote_runner"]) == ("", False)
    there = {name for name, is_there in info["features"].items() if is_there}
    assert there == {"custom_roles_management", "terraform_backend"}


def test_the_version_is_the_packages() -> None:
    package = tomllib.loads(Path("pyproject.toml").read_text())
    assert package["project"]["version"] == VERSION
