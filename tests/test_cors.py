"""Pages of other origins: `HELIOGRAPH_CORS_ORIGINS`."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.config import Config
from app.lib.settings import SettingError

PORTAL, OTHER = "https://portal.example.com", "https://portal.example.com.evil.test"
CORS = "Access-Control-"
Api = Callable[[str], FlaskClient]


@pytest.fixture
def allowing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def allow(*origins: str) -> None:
        changed = replace(app.config["HELIOGRAPH"], CORS_ORIGINS=list(origins))
        monkeypatch.setitem(app.config, "HELIOGRAPH", changed)

    return allow


def cors_of(answer) -> dict[str, str]:
    return {name: value for name, value in answer.headers if name.startswith(CORS)}


@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_nothing_is_said_unless_origins_are_set(api: Api, method: str) -> None:
    answer = api("alice").open("/api/projects", method=method, headers={"Origin": PORTAL})
    assert answer.status_code == {"GET": 200, "OPTIONS": 404}[method]
    assert cors_of(answer) == {}
    assert "Origin" not in answer.headers.get("Vary", "")


def test_a_named_origin_may_read(api: Api, allowing) -> None:
    allowing("https://a.example.com", PORTAL)
    answer = api("alice").get("/api/projects", headers={"Origin": PORTAL})
    assert cors_of(answer) == {
        "Access-Control-Allow-Origin": PORTAL,
        "Access-Control-Expose-Headers": "X-Has-Next, Retry-After",
    }
    assert "Origin" in answer.headers["Vary"]


def test_it_may_read_refusals_too(client: FlaskClient, allowing) -> None:
    allowing(PORTAL)
    answer = client.get("/api/projects", headers={"Origin": PORTAL})
    assert answer.status_code == 401
    assert cors_of(answer)["Access-Control-Allow-Origin"] == PORTAL


def test_a_preflight_needs_no_sign_in(client: FlaskClient, allowing) -> None:
    allowing(PORTAL)
    asked = {"Origin": PORTAL, "Access-Control-Request-Method": "PUT"}
    answer = client.options("/api/project/1/keys/2", headers=asked)
    assert answer.status_code == 204
    assert cors_of(answer) == {
        "Access-Control-Allow-Origin": PORTAL,
        "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, DELETE",
        "Access-Control-Allow-Headers": "Authorization, Content-Type",
        "Access-Control-Expose-Headers": "X-Has-Next, Retry-After",
        "Access-Control-Max-Age": "600",
    }


@pytest.mark.parametrize("origin", [OTHER, "null", PORTAL.upper(), PORTAL + ":8443", ""])
def test_another_origin_may_not(api: Api, allowing, origin: str) -> None:
    allowing(PORTAL)
    for method, status in (("GET", 200), ("OPTIONS", 404)):
        answer = api("alice").open("/api/projects", method=method, headers={"Origin": origin})
        assert (answer.status_code, cors_of(answer)) == (status, {})
        assert "Origin" in answer.headers["Vary"]


def test_all_origins_may_without_credentials(api: Api, browser: Api, allowing) -> None:
    allowing("*")
    answer = api("alice").get("/api/projects", headers={"Origin": OTHER})
    assert cors_of(answer)["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    by_cookie = browser("alice").post("/api/user/tokens", headers={"Origin": OTHER})
    assert by_cookie.status_code == 403


def test_pages_are_not_part_of_it(browser: Api, allowing) -> None:
    allowing("*")
    answer = browser("alice").get("/me/profile", headers={"Origin": PORTAL})
    assert cors_of(answer) == {}


@pytest.mark.parametrize(
    "origin",
    ["portal.example.com", "https://portal.example.com/", "ftp://portal.example.com",
     "https://", "https://*.example.com/x", "HTTPS://portal.example.com"],
)  # fmt: skip
def test_what_is_no_origin_is_refused_at_boot(origin: str) -> None:
    with pytest.raises(SettingError, match=r"HELIOGRAPH_CORS_ORIGINS.*no origin"):
        Config.load({"HELIOGRAPH_CORS_ORIGINS": json.dumps([origin])})


def test_origins_are_a_list() -> None:
    found = Config.load({"HELIOGRAPH_CORS_ORIGINS": f'["{PORTAL}", "http://localhost:5173"]'})
    assert found.CORS_ORIGINS == [PORTAL, "http://localhost:5173"]
