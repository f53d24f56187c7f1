"""Terraform in a browser: a plan is looked through, by keys and on a telephone, and approved;
workspaces are made, and their states looked at."""

import base64
import json
import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.e2e.looks import LOOKS, audit, check, overflow, set_up, settle

pytestmark = [
    pytest.mark.browser,
    pytest.mark.processes,
    pytest.mark.skipif(not shutil.which("terraform"), reason="terraform is not installed"),
]

PLANS = Path(__file__).parents[1] / "lib" / "plans"
BACKEND = 'terraform {\n  backend "local" { path = "%s" }\n}\n'
MOST_NODES = 700


def configuration(name: str, state: Path) -> str:
    """Without what waits for a state of somebody else's, which nobody could apply."""
    text = (PLANS / f"{name}.tf").read_text()
    return BACKEND % state + re.sub(r'(?ms)^data "terraform_remote_state".*?^}\n', "", text)


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("state") / "infra.tfstate"


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory, state: Path) -> Path:
    path = tmp_path_factory.mktemp("infra") / "repo"
    factories.git_repository(path, main_tf="")
    shutil.copytree(PLANS / "net", path / "net")
    commit(path, "before", state)
    return path


def commit(path: Path, name: str, state: Path) -> None:
    (path / "main.tf").write_text(configuration(name, state))
    factories.commit(path, name)


def call(page: Page, method: str, path: str, **body: object) -> dict:
    """The API with the cookie of the page."""
    given = {"data": body} if body else {}
    answer = page.request.fetch(f"/api/project/1/{path}", method=method, **given)
    assert answer.ok, answer.text()
    return answer.json() if answer.text().strip() else {}


@pytest.fixture(scope="module")
def template(page: Page, repository: Path) -> int:
    set_up(page)
    key = call(page, "GET", "keys")[0]["id"]
    given = {"name": "Infra", "git_url": f"file://{repository}", "git_branch": "main"}
    made = call(page, "POST", "repositories", project_id=1, ssh_key_id=key, **given)
    shape = {"name": "Network", "app": "terraform", "playbook": "", "repository_id": made["id"]}
    return call(page, "POST", "templates", project_id=1, **shape)["id"]


def run(page: Page, template: int) -> int:
    """A run that waits for approval; its page is open."""
    task = call(page, "POST", "tasks", template_id=template)["id"]
    page.goto(f"/p/1/runs/{task}")
    expect(page.locator("h1")).to_contain_text("Needs approval", timeout=60_000)
    return task


def approve(page: Page, destroyed: str = "") -> None:
    page.locator("#run-approve").click()
    dialog = page.locator("#dialog")
    check(page, "the dialog that approves")
    if destroyed:
        dialog.get_by_role("button", name="Destroy and apply").click()
        expect(dialog).to_be_visible()  # nothing is sent without the number
        dialog.get_by_label("Number of resources").fill(destroyed)
    dialog.get_by_label("Comment").fill("As agreed")
    dialog.get_by_role("button", name="apply").click()
    expect(dialog).to_be_hidden()
    expect(page.locator("h1")).to_contain_text("Success", timeout=60_000)


def opened(page: Page, address: str):
    return page.locator("details[open]", has=page.locator("summary", has_text=address))


def filter_what_is_open(page: Page) -> None:
    """A row that was open before comes closed, and asks for what it shows once more."""
    row = page.locator("summary", has_text="terraform_data.changed")
    row.click()
    expect(opened(page, "terraform_data.changed").locator("ins.line")).to_have_text("+ 2")
    page.locator("#q").press_sequentially("terraform_data.changed")
    expect(page.locator("#changes summary")).to_have_count(1)
    row.click()
    expect(opened(page, "terraform_data.changed").locator("ins.line")).to_have_text("+ 2")


def expand_and_collapse(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 700})
    assert overflow(page) == 0
    page.get_by_role("link", name="Expand all").click()
    expect(page.locator("#changes details:not([open])")).to_have_count(0)
    expect(page.locator("#expand")).to_be_focused()
    page.locator("#changes summary").last.focus()
    expect(page.locator("#run-approve")).to_be_in_viewport()
    page.get_by_role("link", name="Collapse all").click()
    expect(page.locator("#changes details[open]")).to_have_count(0)
    page.set_viewport_size({"width": 1366, "height": 900})


def test_a_plan_is_looked_through_and_approved(
    page: Page, template: int, repository: Path, state: Path
) -> None:
    run(page, template)
    expect(page.locator("#run-h")).to_contain_text("Approval needed. 11 to create, 4 outputs in")
    approve(page)
    commit(repository, "after", state)
    task = run(page, template)
    check(page, "a run that waits")
    page.locator(".tabs a", has_text="Plan").click()
    expect(page.locator("#run-h")).to_contain_text("1 to replace, 2 to destroy, 1 to forget")
    assert page.evaluate("document.getElementsByTagName('*').length") <= MOST_NODES

    page.keyboard.press("j")
    page.keyboard.press("Enter")
    replaced = opened(page, "terraform_data.replaced")
    expect(replaced.locator("del", has_text="v1").first).to_be_visible()
    expect(replaced).to_contain_text("forces replacement")
    page.locator("summary", has_text="terraform_data.changed").click()
    expect(opened(page, "terraform_data.changed").locator("ins.line")).to_have_text("+ 2")
    page.locator("summary", has_text="terraform_data.secret").click()
    expect(opened(page, "terraform_data.secret")).to_contain_text("(sensitive)")
    assert "s3cr3t" not in page.content()
    for look, (width, height) in LOOKS.items():
        page.emulate_media(color_scheme=look)
        page.set_viewport_size({"width": width, "height": height})
        check(page, f"plan, {look}")
    expand_and_collapse(page)
    filter_what_is_open(page)

    page.keyboard.press("/")
    page.keyboard.type("old_")
    expect(page.locator("#changes summary")).to_have_count(2)
    page.locator(".chip", has_text="to move").click()
    expect(page).to_have_url(re.compile(rf"/runs/{task}/plan\?q=old_&action=move$"))
    expect(page.locator("#changes summary")).to_have_count(2)
    approve(page, destroyed="3")
    expect(page.locator("#run-h")).to_contain_text("Approved by")
    expect(page.locator(".tabs [aria-current]")).to_contain_text("Plan")


def test_the_log_is_a_link_away(page: Page) -> None:
    page.get_by_role("link", name="Plan in the log").click()
    expect(page.locator(".log-view")).to_contain_text("used the selected providers")


def test_a_plan_without_changes_says_so(page: Page, template: int) -> None:
    task = call(page, "POST", "tasks", template_id=template)["id"]
    page.goto(f"/p/1/runs/{task}/plan")
    expect(page.locator("h1")).to_contain_text("Success", timeout=60_000)
    expect(page.locator("#changes")).to_contain_text("as the configuration wants it")
    check(page, "no changes")


def add_address(page: Page) -> str:
    """By the tab State that is open; the address as a tool gets it."""
    page.get_by_role("link", name="Add address").click()
    sheet = page.locator("#sheet")
    sheet.get_by_label("Key").select_option(label="State (username and password)")
    check(page, "a new address")
    sheet.get_by_role("button", name="Add address").click()
    address = page.locator("code.wraps")
    expect(address).to_contain_text("/api/terraform/")
    settle(page)
    return address.inner_text()


def tell_states(page: Page, address: str) -> None:
    """What a tool with the address does: two states, and a lock that it leaves behind."""
    path = address[address.index("/api/") :]
    login = {"Authorization": "Basic " + base64.b64encode(b"ci:s3cret").decode()}
    lock = json.dumps({"ID": "lock-1", "Operation": "OperationTypeApply", "Who": "ada@laptop"})
    sent = [
        ("POST", factories.state_text(1, one="eu")),
        ("POST", factories.state_text(2, one="us", password="x")),
        ("LOCK", lock),
    ]
    for method, body in sent:
        answer = page.request.fetch(path, method=method, data=body, headers=login)
        assert answer.status == 200, answer.text()


def test_workspaces_are_made_and_their_states_looked_at(page: Page, template: int) -> None:
    login = {"login": "ci", "password": "s3cret"}
    key = {"name": "State", "type": "login_password", "login_password": login}
    call(page, "POST", "keys", project_id=1, **key)
    tab = f"/p/1/templates/{template}/workspaces"
    page.emulate_media(color_scheme="light")
    page.goto(tab)
    page.get_by_role("link", name="New workspace").click()
    sheet, rows = page.locator("#sheet"), page.locator("#workspaces tr")
    sheet.get_by_label("Name").fill("stage")
    check(page, "a new workspace")
    page.keyboard.press("Control+Enter")
    expect(rows).to_have_count(2)
    settle(page)
    rows.last.get_by_role("button", name="Actions for").click()
    page.get_by_role("menuitem", name="Make default…").click()
    page.locator("#dialog").get_by_role("button", name="Make default").click()
    expect(rows.first).to_contain_text("Network - stage")
    expect(rows.first).to_contain_text("Default")
    check(page, "workspaces")

    rows.first.get_by_role("link", name="Network - stage").click()
    tell_states(page, add_address(page))
    page.reload()
    check(page, "a locked state")
    page.get_by_role("link", name="Unlock…").click()
    sheet.get_by_label("Reason").fill("Ada's laptop fell")
    sheet.get_by_role("button", name="Unlock").click()
    expect(page.locator(".alert")).to_have_count(0)
    settle(page)
    state = page.url
    page.get_by_role("link", name="Compare").click()
    expect(page.locator("main")).to_contain_text("1 created, 1 changed")
    page.locator("summary", has_text="terraform_data.one").click()
    expect(opened(page, "terraform_data.one").locator("ins")).to_contain_text("us")
    compare = page.url
    audit(page, "dark", {tab: "Network", state: "Network - stage", compare: "Compare versions"})
