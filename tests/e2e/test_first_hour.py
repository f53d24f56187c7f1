"""The first hour with Heliograph: set up, connect a repository, run, watch, lose the web server."""

import os
import re
import signal
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Response, expect

from tests.e2e.looks import LOOKS, audit, check
from tests.servers import Server

pytestmark = [
    pytest.mark.browser,
    pytest.mark.processes,
]

LINES = 240


def test_from_setup_to_a_live_log_that_survives_the_web_server(
    server: Server, page: Page, scripts: Path
) -> None:
    set_up(page)
    connect_a_repository(page, scripts)
    make_a_template(page)
    run_it(page)
    expect(page.locator(".log-block")).to_contain_text("line 20 of the script")
    web = server.part("gunicorn")
    os.kill(web, signal.SIGKILL)
    expect(page.locator("h1")).to_contain_text("Success", timeout=60_000)
    expect(page.locator(".log-block")).to_contain_text("done")
    assert server.part("gunicorn") != web
    expected = [f"line {n} of the script" for n in range(1, LINES + 1)]
    assert [text for text in seen_lines(page) if text.startswith("line ")] == expected


def set_up(page: Page) -> None:
    page.goto("/")
    expect(page).to_have_url(re.compile(r"/setup$"))
    for look, (width, height) in LOOKS.items():
        page.emulate_media(color_scheme=look)
        page.set_viewport_size({"width": width, "height": height})
        assert Axe().run(page).violations_count == 0, look
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1366, "height": 900})
    page.get_by_label("Name", exact=True).fill("Ada Example")
    page.get_by_label("Username").fill("ada")
    page.locator("#f-password").fill("correct horse battery")
    page.get_by_role("button", name="Create account").click()
    expect(page.locator("h1")).to_have_text("Overview")


def connect_a_repository(page: Page, scripts: Path) -> None:
    page.goto("/p/1/repositories")
    page.get_by_role("link", name="New repository").click()
    sheet = page.locator("#sheet[open]")
    sheet.get_by_label("Name").fill("Scripts")
    sheet.get_by_label("URL").fill("ext::sh -c 'touch /tmp/never'")
    sheet.get_by_label("Branch").fill("main")
    sheet.locator("button[type=submit]").click()
    expect(sheet.locator(".field .error")).to_contain_text("https")
    sheet.get_by_label("URL").fill(f"file://{scripts}")
    sheet.locator("button[type=submit]").click()
    expect(page.locator("#rows")).to_contain_text("Scripts")


def make_a_template(page: Page) -> None:
    page.goto("/p/1/templates/new/bash")
    page.get_by_label("Name", exact=True).fill("Count")
    page.get_by_label("Repository").select_option(label="Scripts")
    page.get_by_label("Script", exact=True).fill("count.sh")
    page.get_by_role("button", name="Save template").click()
    expect(page.locator("h1")).to_have_text("Count")


def run_it(page: Page) -> None:
    page.locator(".page-header button", has_text="Run").first.click()
    expect(page).to_have_url(re.compile(r"/p/1/runs/\d+$"))


def seen_lines(page: Page) -> list[str]:
    """The texts of all lines, as somebody sees them who scrolls from the top to the end."""
    log = page.locator(".log-view")
    log.press("Home")
    seen: dict[int, str] = {}
    for _ in range(60):
        rows = page.evaluate(PAINTED)
        for number, text in rows:
            assert seen.setdefault(int(number), text) == text
        log.press("PageDown")
    return [seen[number] for number in sorted(seen)]


# The rows of the next frame in which no line is still on its way ("…").
PAINTED = """async () => {
    const frame = () => new Promise(requestAnimationFrame);
    const part = (row, name) => row.querySelector('.log-' + name).textContent;
    for (;;) {
        await frame(), await frame();
        const rows = [...document.querySelectorAll('.log-line:not([hidden])')]
            .map((row) => [part(row, 'number'), part(row, 'text')]);
        if (rows.every(([, text]) => text !== '…')) return rows;
    }
}"""


def test_a_playbook_shows_its_hosts(page: Page) -> None:
    page.goto("/p/1/templates/2")
    page.locator(".page-header").get_by_text("Run", exact=True).click()
    if page.locator("#sheet[open]").count():
        page.locator("#sheet[open]").get_by_role("button", name="Run").click()
    expect(page.locator("h1")).to_contain_text("Success", timeout=60_000)
    page.reload()
    expect(page.get_by_role("button", name="task Gathering Facts")).to_be_visible()
    check(page, "the log of a playbook")
    page.get_by_role("button", name="Fold").click()
    expect(page.get_by_role("button", name="task Gathering Facts")).to_have_attribute(
        "aria-expanded", "false"
    )
    check(page, "a folded log")
    page.get_by_role("link", name="Hosts").click()
    page.locator("#hosts a.name").first.click()
    sheet = page.locator("#sheet[open]")
    sheet.locator("summary").first.click()
    expect(sheet.locator(".result dl").first).to_contain_text("Module")
    check(page, "what came of a host")


PAGES = {
    "/p/1": "Overview",
    "/p/1/templates": "Templates",
    "/p/1/templates/1": "Hello",
    "/p/1/templates/1/edit": "Edit template",
    "/p/1/templates/1/run": "Run Hello",
    "/p/1/runs": "Runs",
    "/p/1/runs/1": "Count",
    "/p/1/runs/1/details": "Count",
    "/p/1/runs/2": "System facts",
    "/p/1/runs/2/hosts": "System facts",
    "/p/1/runs/2/hosts/1": "localhost",
    "/p/1/repositories": "Repositories",
    "/p/1/activity": "Activity",
    "/projects": "Projects",
    "/projects/1/delete": "Delete",
    "/admin/system": "System",
    "/admin/apps": "Apps",
    "/me/profile": "Account",
    "/me/security": "Account",
    "/me/tokens": "Account",
    "/api/docs": "API",
    "/api/docs/access_keys.create": "/api/project/{project_id}/keys",
    "/me/sessions": "Account",
    "/me/appearance": "Account",
    "/p/1/nothing": "This does not exist",
}


@pytest.mark.parametrize("look", LOOKS)
def test_every_page_is_accessible_and_fits(page: Page, look: str) -> None:
    """After the flow above: axe finds nothing, nothing is wider than the screen."""
    audit(page, look, PAGES)


def test_the_sign_in_is_accessible(page: Page, server: Server) -> None:
    context = page.context.browser.new_context(base_url=f"http://localhost:{server.port}")
    tab = context.new_page()
    tab.goto("/login")
    expect(tab.locator("h1")).to_contain_text("Heliograph")
    for look, (width, height) in LOOKS.items():
        tab.emulate_media(color_scheme=look)
        tab.set_viewport_size({"width": width, "height": height})
        assert Axe().run(tab).violations_count == 0, look
    context.close()


BUDGETS = {  # requests cold, KB over the wire cold, DOM nodes
    "/p/1/templates": (8, 70, 2800),
    "/p/1/runs/1": (10, 90, 700),
}


@pytest.mark.parametrize("path", BUDGETS)
def test_a_page_keeps_its_budget(page: Page, path: str) -> None:
    requests, kilobytes, nodes = BUDGETS[path]
    context = page.context.browser.new_context(
        base_url=re.sub(r"(:\d+).*", r"\1", page.url), storage_state=page.context.storage_state()
    )
    tab = context.new_page()
    answers: list[Response] = []
    tab.on("response", lambda answer: answers.append(answer))
    tab.goto(path, wait_until="networkidle")
    sizes = [answer.request.sizes()["responseBodySize"] for answer in answers]
    names = [answer.url for answer in answers]
    assert len(names) <= requests, names
    assert sum(sizes) <= kilobytes * 1024
    assert tab.evaluate("document.querySelectorAll('*').length") <= nodes
    context.close()


def test_the_log_is_read_without_scripts(page: Page) -> None:
    context = page.context.browser.new_context(
        base_url=re.sub(r"(:\d+).*", r"\1", page.url),
        storage_state=page.context.storage_state(),
        java_script_enabled=False,
    )
    tab = context.new_page()
    tab.goto("/p/1/runs/1")
    assert "line 1 of the script" in tab.locator("noscript").last.inner_text()
    tab.get_by_role("link", name="Open the plain log").click()
    expect(tab.locator("main")).to_contain_text("line 200 of the script")
    tab.goto("/p/1/templates/1")
    tab.locator(".page-header button", has_text="Run").first.click()
    expect(tab).to_have_url(re.compile(r"/p/1/runs/\d+$"))
    context.close()
