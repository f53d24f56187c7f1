"""Keys of hosts and addresses reach git: for repositories without a key, and for submodules."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from app.executors.git_access import GitAccess
from app.executors.questions import Look
from app.executors.questions.repositories import Reachable
from app.executors.spec import HostConfigSpec, Key, PreparationFailed
from app.lib.git import GitSettings
from app.lib.git_urls import parse_url
from tests.executors.reporters import ListReporter
from tests.executors.runs import run
from tests.executors.test_git_access import over_ssh, with_access
from tests.git_http import git_server
from tests.lib.git_repos import Source, source
from tests.lib.test_private_keys import keygen
from tests.sshd import sshd

ANN = Key(6, "ann", "login_password", login="ann", password="secret-1")
TEAM = "https://git.example.test/team"


@pytest.fixture
def server(tmp_path: Path):
    with sshd(tmp_path / "sshd") as started:
        yield started


@pytest.fixture
def key(tmp_path: Path, server) -> Key:
    """A key that the ssh server knows."""
    text = keygen(tmp_path / "key", "ed25519")
    server.allow((tmp_path / "key.pub").read_text())
    return Key(5, "deploy", "ssh", login=server.user, private_key=text)


def test_a_repository_without_a_key_is_cloned_with_the_hosts(spec, origin, server, key) -> None:
    made = with_access(spec, over_ssh(server, origin.path), None)
    outcome, told = run(replace(made, host_configs=(HostConfigSpec("host", "127.0.0.1", key),)))
    assert outcome.succeeded and "it ran" in told.lines


@pytest.mark.parametrize("host", ["localhost", "127.0.0.10", "git.example.test"])
def test_the_key_of_another_host_is_not_used(spec, origin, server, key, host: str) -> None:
    made = with_access(spec, over_ssh(server, origin.path, server.user), None)
    with pytest.raises(PreparationFailed, match="lets nobody read the repository without a key"):
        run(replace(made, host_configs=(HostConfigSpec("host", host, key),)))


def test_a_mapped_key_that_is_refused_is_named(spec, origin, server, tmp_path) -> None:
    wrong = Key(8, "stranger", "ssh", private_key=keygen(tmp_path / "other", "ed25519"))
    made = with_access(spec, over_ssh(server, origin.path, server.user), None)
    with pytest.raises(PreparationFailed, match='Key "stranger" was refused by 127'):
        run(replace(made, host_configs=(HostConfigSpec("host", "127.0.0.1", wrong),)))


def test_the_repositorys_own_key_comes_first(spec, origin, server, key, tmp_path) -> None:
    wrong = Key(8, "stranger", "ssh", private_key=keygen(tmp_path / "other", "ed25519"))
    made = with_access(spec, over_ssh(server, origin.path), key)
    outcome, _ = run(replace(made, host_configs=(HostConfigSpec("host", "127.0.0.1", wrong),)))
    assert outcome.succeeded


def add_library(origin: Source, address: str, head: str) -> None:
    """Make a repository at `address` a submodule, as the directory lib."""
    origin.write(".gitmodules", f'[submodule "lib"]\n\tpath = lib\n\turl = {address}\n')
    origin.git("add", ".gitmodules")
    origin.git("update-index", "--add", "--cacheinfo", f"160000,{head},lib")
    origin.git("commit", "-q", "-m", "With a library")


def test_a_submodule_of_another_server_has_its_own_key(spec, origin, server, key, tmp_path) -> None:
    library = source(tmp_path / "library", inner="echo inner")
    with git_server(tmp_path, tmp_path / "tls", "ann", "secret-1") as web:
        env = {"GIT_SSL_CAINFO": str(web.ca)}
        made = with_access(
            lambda _: spec("bash lib/inner.sh"), over_ssh(server, origin.path), key, env_vars=env
        )
        add_library(origin, f"{web.url}/library", library.git("rev-parse", "HEAD"))
        with pytest.raises(PreparationFailed, match="lets nobody read the repository without"):
            run(replace(made, host_configs=(HostConfigSpec("url", f"{web.url}/lib", ANN),)))
        mapped = (HostConfigSpec("url", f"{web.url}/library", ANN),)
        outcome, told = run(replace(made, host_configs=mapped))
        assert outcome.succeeded and "inner" in told.lines, told.lines
    assert set(web.logins) == {("ann", "secret-1")}


def test_a_submodule_beside_its_parent_is_reached_with_the_same_mapping(
    spec, origin, server, key, tmp_path
) -> None:
    library = source(tmp_path / "library", inner="echo inner")
    made = with_access(lambda _: spec("bash lib/inner.sh"), over_ssh(server, origin.path), None)
    add_library(origin, "../library", library.git("rev-parse", "HEAD"))
    mapped = (HostConfigSpec("host", "127.0.0.1", key),)
    outcome, told = run(replace(made, host_configs=mapped))
    assert outcome.succeeded and "inner" in told.lines, told.lines


def test_branches_are_listed_with_the_key_of_the_host(spec, origin, server, key) -> None:
    made = with_access(spec, over_ssh(server, origin.path), None)
    made = replace(made, host_configs=(HostConfigSpec("host", "127.0.0.1", key),))
    assert Reachable(made).answer(Look("mapped", 60))["branches"] == ["main"]


def test_a_password_of_an_address_is_used_below_it(spec, origin, tmp_path) -> None:
    with git_server(origin.path.parent, tmp_path / "tls", "ann", "secret-1") as web:
        env = {"GIT_SSL_CAINFO": str(web.ca)}
        made = with_access(spec, f"{web.url}/origin", None, env_vars=env)
        outcome, _ = run(replace(made, host_configs=(HostConfigSpec("url", web.url, ANN),)))
    assert outcome.succeeded


def access(spec, url: str, *mapped: HostConfigSpec, own: Key | None = None) -> GitAccess:
    made = replace(with_access(spec, url, own), host_configs=mapped)
    return GitAccess(made, ListReporter()).open(parse_url(url))


@pytest.mark.parametrize(
    ("login", "reached"),
    [
        ("", "ssh://git@git.example.test/team/app.git"),
        ("deploy", "ssh://deploy@git.example.test/team/app.git"),
    ],
)
def test_a_web_address_with_an_ssh_key_is_reached_over_ssh(spec, tmp_path, login, reached) -> None:
    key = Key(5, "K", "ssh", login=login, private_key=keygen(tmp_path / "key", "ed25519"))
    with closing(access(spec, f"{TEAM}/app.git", HostConfigSpec("url", TEAM, key))) as opened:
        assert opened.reached(parse_url(f"{TEAM}/app.git")).text == reached


@pytest.mark.parametrize(
    ("mapped", "address", "applies"),
    [
        (TEAM, f"{TEAM}/app.git", True),
        (f"{TEAM}/", f"{TEAM}/app.git", True),
        (f"{TEAM}/app.git", f"{TEAM}/app.git", True),
        ("HTTPS://Git.Example.TEST/team", f"{TEAM}/app.git", True),
        (TEAM, "https://git.example.test/teams/app.git", False),
        (TEAM, "https://git.example.test/Team/app.git", False),
        (TEAM, "https://git.example.test.evil.test/team/app.git", False),
        (TEAM, "http://git.example.test/team/app.git", False),
    ],
)
def test_an_address_covers_what_lies_below_it(spec, mapped, address, applies) -> None:
    with closing(access(spec, address, HostConfigSpec("url", mapped, ANN))) as opened:
        found = opened.settings(GitSettings(), parse_url(address))
    assert bool(found.handles) is applies


def test_of_two_addresses_the_longer_one_decides(spec) -> None:
    url = f"{TEAM}/app.git"
    mapped = (
        HostConfigSpec("url", TEAM, ANN),
        HostConfigSpec("url", url, replace(ANN, id=9, login="bob")),
    )
    with closing(access(spec, url, *mapped)) as opened:
        [handle] = opened.settings(GitSettings(), parse_url(url)).handles
        with open(f"/dev/fd/{handle}") as told:
            assert told.readline() == "username=bob\n"
