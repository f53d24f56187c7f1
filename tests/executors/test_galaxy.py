"""Roles and collections are installed by the real ansible-galaxy, from repositories here."""

from dataclasses import replace

import pytest

from app.executors.spec import Key, PreparationFailed
from tests.executors.reporters import ListReporter
from tests.executors.runs import run
from tests.executors.test_ansible import LOCAL, play  # noqa: F401  a fixture
from tests.git_http import git_server
from tests.lib.git_repos import source
from tests.lib.test_private_keys import keygen
from tests.sshd import sshd

USES_ROLE = "- hosts: all\n  gather_facts: false\n  roles: [base]\n"
USES_COLLECTION = """
- hosts: all
  gather_facts: false
  tasks:
    - debug: msg="{{ lookup('acme.tools.where') }}"
"""
LOOKUP = """
from ansible.plugins.lookup import LookupBase
class LookupModule(LookupBase):
    def run(self, terms, variables=None, **options):
        return ["out of the collection"]
"""
GALAXY = """namespace: acme
name: tools
version: 1.0.0
readme: README.md
authors: [Acme]
"""


META = "galaxy_info: {author: a, license: MIT, min_ansible_version: '2'}\n"


def role_at(path, said):
    made = source(path)
    made.write("tasks/main.yml", f"- debug: msg='{said}'\n")
    made.write("meta/main.yml", META)
    made.commit("Role")
    return made


@pytest.fixture
def role(tmp_path):
    return role_at(tmp_path / "role", "out of the role")


@pytest.fixture
def collection(tmp_path):
    made = source(tmp_path / "collection")
    made.write("galaxy.yml", GALAXY)
    made.write("README.md", "Tools")
    made.write("plugins/lookup/where.py", LOOKUP)
    made.commit("Collection")
    return made


def of_role(address: str) -> str:
    return f"roles:\n  - {{src: '{address}', scm: git, name: base, version: main}}\n"


def of_collection(address: str) -> str:
    return f"collections:\n  - {{name: '{address}', type: git, version: main}}\n"


@pytest.mark.parametrize(
    ("script", "file"),
    [
        ("site.yml", "roles/requirements.yml"),
        ("site.yml", "requirements.yml"),
        ("deep/site.yml", "deep/requirements.yml"),
        ("deep/site.yml", "roles/requirements.yml"),
    ],
)
def test_roles_are_installed_for_project_and_playbook(play, role, script, file):  # noqa: F811
    files = {file: of_role(role.url.text)}
    outcome, told = run(play(USES_ROLE, files, script=script, inventory=LOCAL))
    assert outcome.succeeded, told.text
    assert "out of the role" in told.text


@pytest.mark.parametrize("file", ["collections/requirements.yml", "requirements.yml"])
def test_collections_are_installed(play, collection, file):  # noqa: F811
    files = {file: of_collection(collection.url.text)}
    outcome, told = run(play(USES_COLLECTION, files, inventory=LOCAL))
    assert outcome.succeeded, told.text
    assert "out of the collection" in told.text


def test_roles_and_collections_of_one_file_are_both_installed(play, role, collection):  # noqa: F811
    """The original installed the collections and took the roles for installed."""
    text = of_collection(collection.url.text) + of_role(role.url.text)
    both = USES_COLLECTION.replace("  tasks:", "  roles: [base]\n  tasks:")
    for _ in range(2):
        outcome, told = run(play(both, {"requirements.yml": text}, inventory=LOCAL))
        assert outcome.succeeded, told.text
        assert "out of the role" in told.text and "out of the collection" in told.text


def test_projects_share_nothing_that_was_installed(play, role):  # noqa: F811
    spec = play(USES_ROLE, {"roles/requirements.yml": of_role(role.url.text)}, inventory=LOCAL)
    run(spec)
    _, told = run(replace(spec, project_id=2))
    assert "are installed already" not in told.text
    assert "out of the role" in told.text


def test_what_was_installed_is_used_again_until_it_is_asked_for_anew(play, role):  # noqa: F811
    files = {"roles/requirements.yml": of_role(role.url.text)}
    spec = play(USES_ROLE, files, inventory=LOCAL)
    run(spec)
    role.write("tasks/main.yml", "- debug: msg='a later role'\n")
    role.commit("Later")
    _, told = run(spec)
    assert "are installed already" in told.text
    assert "out of the role" in told.text
    _, told = run(play(USES_ROLE, files, inventory=LOCAL, params={"refresh_galaxy": True}))
    assert "a later role" in told.text


def test_an_installation_that_fails_says_what_could_not_be_installed(play, tmp_path):  # noqa: F811
    files = {"roles/requirements.yml": of_role(f"file://{tmp_path}/nowhere")}
    told = ListReporter()
    with pytest.raises(PreparationFailed, match=r"roles of roles/requirements\.yml could not be"):
        run(play(USES_ROLE, files, inventory=LOCAL), told)
    assert "nowhere" in told.text


def test_a_proxy_of_the_settings_is_used(play):  # noqa: F811
    files = {"roles/requirements.yml": of_role("https://git.example.test/base.git")}
    spec = play(USES_ROLE, files, inventory=LOCAL)
    env = {"https_proxy": "http://127.0.0.1:1"}
    told = ListReporter()
    with pytest.raises(PreparationFailed):
        run(replace(spec, settings=replace(spec.settings, env_vars=env)), told)
    assert "127.0.0.1 port 1" in told.text


def test_nothing_of_a_failed_installation_is_used_later(play, tmp_path):  # noqa: F811
    address = f"file://{tmp_path}/later"
    spec = play(USES_ROLE, {"roles/requirements.yml": of_role(address)}, inventory=LOCAL)
    with pytest.raises(PreparationFailed):
        run(spec)
    role_at(tmp_path / "later", "there by now")
    assert "there by now" in run(spec)[1].text


def test_a_private_role_is_fetched_with_the_user_key(play, role, tmp_path):  # noqa: F811
    text = keygen(tmp_path / "key", "ed25519")
    with sshd(tmp_path / "sshd") as server:
        server.allow((tmp_path / "key.pub").read_text())
        user = Key(4, "Deploy", "ssh", login=server.user, private_key=text)
        address = f"ssh://{server.user}@127.0.0.1:{server.port}{role.path}"
        files = {"roles/requirements.yml": of_role(address)}
        outcome, told = run(play(USES_ROLE, files, inventory=replace(LOCAL, user=user)))
    assert outcome.succeeded, told.text
    assert "out of the role" in told.text


@pytest.mark.parametrize("variable", ["GIT_SSL_CAINFO", "SSL_CERT_FILE"])
def test_a_private_ca_of_the_settings_is_trusted(play, role, tmp_path, variable):  # noqa: F811
    """Git and ansible-galaxy read different variables: a role of git, and one from an archive."""
    with git_server(role.path.parent, tmp_path / "tls", "ann", "secret-1") as server:
        host = server.url.removeprefix("https://")
        archive = variable == "SSL_CERT_FILE"
        address = f"https://ann:secret-1@{host}/role" + (".tar.gz" if archive else "")
        kind = f"src: '{address}', name: base" + ("" if archive else ", scm: git, version: main")
        if archive:
            role.git("archive", "--prefix=role/", "-o", f"{role.path}.tar.gz", "HEAD")
        spec = play(USES_ROLE, {"roles/requirements.yml": f"roles:\n  - {{{kind}}}\n"})
        with pytest.raises(PreparationFailed):
            run(spec)
        trusting = replace(spec.settings, env_vars={variable: str(server.ca)})
        outcome, told = run(replace(spec, settings=trusting))
    assert outcome.succeeded, told.text
    assert "out of the role" in told.text
