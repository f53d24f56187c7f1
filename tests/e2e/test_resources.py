"""Keys, variables and inventories in a browser: made there, audited, and used without scripts."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.e2e.looks import LOOKS, audit, check, set_up, settle
from tests.servers import Server

pytestmark = [
    pytest.mark.browser,
    pytest.mark.processes,
]

LONG = "a-name-without-any-gap-" * 5
NAMES = {"mapping": "git.example.test", "LONG": LONG}
PAGES = {
    "/p/1/keys": "Keys",
    "/p/1/keys/new": "New key",
    "/p/1/keys/new?type=login_password": "New key",
    "{Deploy}/edit": "Edit key",
    "{Deploy}/edit?replace=1": "Edit key",
    "{Deploy}/delete": "Can't delete",
    "/p/1/keys/hosts": "Host mappings",
    "/p/1/keys/hosts/new": "New host mapping",
    "{mapping}/delete": "Delete the mapping",
    "/p/1/keys/known": "Known hosts",
    "/p/1/keys/known/new": "Pin hosts",
    "/p/1/variables": "Variables",
    "/p/1/variables/new": "New variables",
    "{Production}": "Production",
    "{Production}/edit": "Edit variables",
    "{Production}/delete": "Delete",
    "/p/1/inventories": "Inventories",
    "/p/1/inventories/new": "New inventory",
    "{LONG}": LONG,
    "{LONG}/source": LONG,
    "{LONG}/used": LONG,
    "{LONG}/edit": "Edit inventory",
    "/p/1/templates/new": "New template",
    "/p/1/templates/new/ansible": "New template",
}


@pytest.fixture(scope="module")
def page(page: Page) -> Iterator[Page]:
    """Signed in as the first user."""
    set_up(page)
    yield page


def test_resources_are_made_in_the_browser(page: Page) -> None:
    make_a_key(page)
    map_a_host(page)
    pin_a_host(page)
    make_variables(page)
    make_an_inventory(page)


def make_a_key(page: Page) -> None:
    page.goto("/p/1/keys")
    page.get_by_role("link", name="New key").click()
    sheet = page.locator("#sheet[open]")
    sheet.get_by_label("Name", exact=True).fill("Deploy")
    sheet.get_by_label("Username and password").check()
    expect(sheet.get_by_label("Private key")).to_have_count(0)
    sheet.get_by_label("SSH key").check()
    sheet.get_by_label("Private key").fill("no key")
    sheet.locator("button[type=submit]").click()
    expect(sheet.locator(".field .error")).to_contain_text("no private key")
    check(page, "a refused key")
    sheet.get_by_label("Private key").fill("")
    key = factories.private_key().encode()
    sheet.get_by_label("Key file").set_input_files(
        {"name": "id_ed25519", "mimeType": "text/plain", "buffer": key}
    )
    sheet.locator("button[type=submit]").click()
    expect(page.locator("#rows")).to_contain_text("SSH key, ED25519")
    page.locator("#rows").get_by_role("link", name="Deploy").click()
    sheet = page.locator("#sheet[open]")
    expect(sheet.get_by_label("Private key")).to_be_hidden()
    sheet.get_by_label("Replace secret").check()
    expect(sheet.get_by_label("Private key")).to_be_visible()
    check(page, "a key's sheet")


def map_a_host(page: Page) -> None:
    page.goto("/p/1/keys/hosts")
    page.get_by_role("link", name="New host mapping").click()
    sheet = page.locator("#sheet[open]")
    sheet.get_by_label("Host or address").fill("git.example.test")
    sheet.locator("#f-ssh_key_id").select_option(label="Deploy (SSH key)")
    sheet.locator("button[type=submit]").click()
    expect(page.locator("#rows")).to_contain_text("git.example.test")
    settle(page)


def pin_a_host(page: Page) -> None:
    page.goto("/p/1/keys/known")
    page.get_by_role("link", name="Pin hosts").click()
    sheet = page.locator("#sheet[open]")
    sheet.locator("#f-address").fill(f"[127.0.0.1]:{factories.free_port()}")
    sheet.get_by_role("button", name="Scan").click()
    expect(sheet.locator(".alert")).to_contain_text("was not scanned", timeout=60_000)
    check(page, "a scan that failed")
    sheet.get_by_label("Lines").fill(f"{LONG}.test ssh-ed25519 {factories.PUBLIC_KEY}")
    sheet.get_by_role("button", name="Pin hosts").click()
    expect(page.locator("#rows")).to_contain_text("SHA256:")
    settle(page)


def make_variables(page: Page) -> None:
    page.goto("/p/1/variables/new")
    page.get_by_label("Name", exact=True).fill("Production")
    page.get_by_role("button", name="Add variable").click()
    name = page.get_by_label("Name of variable 1")
    expect(name).to_be_focused()
    name.fill(LONG.replace("-", "_"))
    page.get_by_label("Value of variable 1").fill("[1")
    page.get_by_label("Type of variable 1").select_option("json")
    page.get_by_role("button", name="Add secret").click()
    page.get_by_label("Name of secret 1").fill("TOKEN")
    page.get_by_label("Value of secret 1").fill("abc")
    page.keyboard.press("Enter")
    expect(page.locator("#f-v-value-0-error")).to_contain_text("no JSON")
    check(page, "refused variables")
    page.get_by_label("Value of variable 1").fill("[1, 2]")
    page.get_by_label("Value of secret 1").fill("abc")
    page.get_by_role("button", name="Save variables").click()
    expect(page.locator("h1")).to_have_text("Production")
    expect(page.locator(".toasts")).to_contain_text("Variables saved")
    expect(page.locator(".toasts")).to_contain_text("too short to be masked in logs: TOKEN")
    expect(page.locator("#variables")).to_contain_text("••• secret")


def make_an_inventory(page: Page) -> None:
    page.goto("/p/1/inventories")
    page.get_by_role("link", name="New inventory").click()
    sheet = page.locator("#sheet[open]")
    sheet.get_by_label("Name", exact=True).fill(LONG)
    sheet.get_by_label("File of a repository").check()
    expect(sheet.get_by_label("File", exact=True)).to_be_visible()
    expect(sheet.get_by_label("Hosts", exact=True)).to_be_hidden()
    sheet.get_by_label("Hosts, INI").check()
    sheet.get_by_label("Hosts", exact=True).fill("[web]\nweb1 port=80\nweb2\n[db]\ndb1\n")
    check(page, "the sheet of an inventory")
    sheet.locator("#f-ssh_key_id").select_option(label="Deploy (SSH key)")
    sheet.locator("button[type=submit]").click()
    expect(page.locator("#rows")).to_contain_text(LONG)
    settle(page)


def addresses(page: Page) -> dict[str, str]:
    """Where the things are that were made above, by their names."""
    lists = {"Deploy": "keys", "mapping": "keys/hosts", "Production": "variables"}
    return {
        name: address(page, f"/p/1/{path}", NAMES.get(name, name))
        for name, path in (lists | {"LONG": "inventories"}).items()
    }


def address(page: Page, url: str, name: str) -> str:
    page.goto(url)
    href = page.locator("#rows a.name", has_text=name).get_attribute("href")
    assert href is not None
    return href.removesuffix("/edit")


def test_hosts_come_into_the_page_by_themselves(page: Page) -> None:
    page.goto(addresses(page)["LONG"])
    hosts = page.locator("#hosts")
    expect(hosts).to_contain_text("web2", timeout=60_000)
    page.get_by_label("Group").select_option("db")
    expect(hosts.locator("tbody tr")).to_have_count(1)
    page.get_by_label("Group").select_option("")
    expect(hosts.locator("tbody tr")).to_have_count(3)
    hosts.get_by_text("web1").click()
    expect(hosts.locator("details[open]")).to_contain_text('"port": 80')
    check(page, "an inventory's hosts")
    page.goto("/p/1/inventories")
    row = page.locator("#rows tr", has_text=LONG)
    expect(row.locator("[data-label=Hosts]")).to_have_text("3")


def test_vault_passwords_are_rows_of_a_playbooks_form(page: Page) -> None:
    page.goto("/p/1/templates/new/ansible")
    page.get_by_label("Name", exact=True).fill("Site")
    page.get_by_role("button", name="Add vault password").click()
    expect(page.get_by_label("ID of vault 1")).to_be_focused()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Site")
    expect(page.get_by_label("Script of vault 1")).to_be_hidden()
    page.get_by_label("Kind of vault 1").select_option("script")
    page.get_by_label("Script of vault 1").fill("../outside")
    expect(page.get_by_label("Key of vault 1")).to_be_hidden()
    page.get_by_label("Name", exact=True).press("Enter")
    expect(page.locator("td .error")).to_contain_text("inside the repository")
    check(page, "the form of a playbook")
    page.get_by_role("button", name="Remove vault 1").click()
    expect(page.get_by_label("ID of vault 1")).to_have_count(0)


@pytest.mark.parametrize("look", LOOKS)
def test_every_page_is_accessible_and_fits(page: Page, look: str) -> None:
    made = addresses(page)
    audit(page, look, {path.format_map(made): heading for path, heading in PAGES.items()})


def test_all_of_it_works_without_scripts(page: Page, server: Server) -> None:
    context = page.context.browser.new_context(
        base_url=f"http://localhost:{server.port}",
        storage_state=page.context.storage_state(),
        java_script_enabled=False,
    )
    tab, made = context.new_page(), addresses(page)
    tab.goto("/p/1/keys/new")
    tab.get_by_label("Name", exact=True).fill("Registry")
    tab.get_by_role("link", name="Username and password").click()
    tab.get_by_label("Name", exact=True).fill("Registry")
    tab.get_by_label("Password", exact=True).fill("s3cret-word")
    tab.get_by_role("button", name="Create key").click()
    expect(tab.locator("#rows")).to_contain_text("Registry")
    tab.goto(made["Production"] + "/edit")
    tab.get_by_role("button", name="Add variable").click()
    tab.get_by_label("Name of variable 2").fill("region")
    tab.get_by_label("Value of variable 2").fill("eu")
    tab.get_by_role("button", name="Save variables").click()
    expect(tab.locator("#variables")).to_contain_text("region")
    tab.goto(made["LONG"] + "/edit")
    tab.get_by_label("Name", exact=True).fill("Hosts")
    tab.get_by_role("button", name="Save inventory").click()
    expect(tab).to_have_url(re.compile(r"/p/1/inventories$"))
    expect(tab.locator("#rows")).to_contain_text("Hosts")
    context.close()
