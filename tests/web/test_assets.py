"""Static files: names that change with the content, sizes that stay within the budget."""

import base64
import gzip
import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.web.assets import BOOT, BOOT_HASH, BUNDLES, FOLDER, Assets, unlink

Browser = Callable[[str], FlaskClient]
KB = 1024
# Compressed sizes; a list has HTMX and app.js, the page of a run HTMX and run.js.
BUDGETS = {
    "style sheet": (("app.css",), 10 * KB),
    "scripts of a list": (("htmx.js", "app.js"), 28 * KB),
    "scripts of a run": (("htmx.js", "run.js"), 32 * KB),
    "scripts of sign-in": (("password.js",), 3 * KB),
    "icons": (("icons.svg",), 7 * KB),
}


@pytest.fixture(scope="module")
def assets() -> Assets:
    return Assets()


@pytest.mark.parametrize(("names", "budget"), BUDGETS.values(), ids=BUDGETS)
def test_files_stay_within_their_budget(
    assets: Assets, names: tuple[str, ...], budget: int
) -> None:
    assert sum(len(assets.by_name[name].gzipped) for name in names) <= budget


def test_the_log_viewer_stays_within_its_budget() -> None:
    parts = [unlink((FOLDER / f"js/{name}.js").read_text()) for name in ("ansi", "log", "lines")]
    assert len(gzip.compress("\n".join(parts).encode())) <= 7 * KB


def test_a_name_changes_with_the_content(tmp_path: Path) -> None:
    def name_with(css: str) -> str:
        for file in {file for files in BUNDLES.values() for file in files}:
            (tmp_path / file).parent.mkdir(exist_ok=True)
            (tmp_path / file).write_text(css if file == "css/base.css" else "")
        for file in FOLDER.glob("*.*"):
            (tmp_path / file.name).write_bytes(file.read_bytes())
        return Assets(tmp_path).by_name["app.css"].hashed

    assert re.fullmatch(r"app\.[0-9a-f]{8}\.css", name_with("a"))
    assert name_with("a") == name_with("a") != name_with("b")


def test_a_hashed_name_is_kept_for_ever(app: Flask, client: FlaskClient) -> None:
    hashed = app.extensions["assets"].by_name["app.css"].hashed
    response = client.get(f"/static/{hashed}", headers={"Accept-Encoding": "gzip"})
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.headers["Content-Encoding"] == "gzip"
    assert response.headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(response.data) == client.get(f"/static/{hashed}").data


def test_a_plain_name_is_asked_for_again(client: FlaskClient) -> None:
    response = client.get("/static/icons.svg")
    assert response.headers["Cache-Control"] == "no-cache"
    again = client.get("/static/icons.svg", headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("name", ["nothing.css", "../app/config.py", "js/app.js", "app.00.css"])
def test_only_what_is_meant_to_be_served_is_served(client: FlaskClient, name: str) -> None:
    assert client.get(f"/static/{name}").status_code == 404


def test_scripts_that_are_joined_share_no_name() -> None:
    declared = re.compile(
        r"^(?:export )?(?:async )?(?:const|let|function|class) ([\w$]+)", re.MULTILINE
    )
    for name in ("app.js", "run.js"):
        names = [n for f in BUNDLES[name] for n in declared.findall((FOLDER / f).read_text())]
        assert sorted(names) == sorted(set(names))


def test_a_joined_script_has_neither_imports_nor_comments() -> None:
    text = (
        'import { a } from "./a.js";\n// why\nexport const b = 1; // here\n/** What.\n */\nlet c;\n'
    )
    assert unlink(text) == "const b=1;let c;"


def test_the_policy_allows_the_boot_script_and_no_other(client: FlaskClient) -> None:
    html = client.get("/dev/ui").text
    inline = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(inline[0].encode()).digest()).decode()
    assert inline == [BOOT]
    assert f"sha256-{digest}" == BOOT_HASH
    assert (
        f"script-src 'self' '{BOOT_HASH}';"
        in client.get("/dev/ui").headers["Content-Security-Policy"]
    )


def test_vendored_files_are_what_their_readme_says() -> None:
    readme = (FOLDER / "vendor/README.md").read_text()
    listed = dict(re.findall(r"\| `([^`]+\.js)` \|[^|]+\| `([0-9a-f]{64})` \|", readme))
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (FOLDER / "vendor").glob("*.js")
    }
    assert listed == found


def test_prefetch_leaves_out_what_must_not_be_fetched() -> None:
    rules = json.loads((FOLDER / "speculation.json").read_text())
    left_out = [rule["not"] for rule in rules["prefetch"][0]["where"]["and"] if "not" in rule]
    assert {"href_matches": "/*logout"} in left_out
    assert {"selector_matches": "[download]"} in left_out
    assert rules["prefetch"][0]["eagerness"] == "moderate"


def test_an_unchanged_page_is_answered_without_its_body(browser: Browser) -> None:
    alice = browser("alice")
    page = alice.get("/help/shortcuts")
    assert page.headers["Cache-Control"] == "private, no-cache"
    assert "HX-Request" in page.headers["Vary"]
    rules = alice.get(page.headers["Speculation-Rules"].strip('"'))
    assert rules.headers["Content-Type"] == "application/speculationrules+json"
    assert page.headers["ETag"].startswith("W/")
    again = alice.get("/help/shortcuts", headers={"If-None-Match": page.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_fragment_has_an_etag_of_its_own(browser: Browser) -> None:
    alice = browser("alice")
    page, block = (alice.get("/help/shortcuts", headers=h) for h in ({}, {"HX-Request": "true"}))
    assert "<html" in page.text
    assert "<html" not in block.text
    assert page.headers["ETag"] != block.headers["ETag"]


def test_every_answer_says_what_it_may_load(client: FlaskClient) -> None:
    for path in ("/login", "/api/ping", "/static/app.css", "/nothing/here"):
        headers = client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'self'" in headers["Content-Security-Policy"]


def test_answers_of_the_api_are_not_kept(client: FlaskClient) -> None:
    assert client.get("/api/ping").headers["Cache-Control"] == "no-store"
