"""Private repositories over ssh and https, with real servers."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from app.executors.spec import HostKeySpec, Key, PreparationFailed, RepositorySpec
from tests.executors.reporters import ListReporter
from tests.executors.runs import run
from tests.git_http import git_server
from tests.lib.test_private_keys import keygen
from tests.sshd import Sshd, sshd

PASSPHRASE = "a passphrase of its own"
TOKEN = "token-0123456789"


@pytest.fixture
def server(tmp_path: Path):
    with sshd(tmp_path / "sshd") as started:
        yield started


@pytest.fixture
def key(tmp_path: Path) -> Key:
    text = keygen(tmp_path / "key", "ed25519", passphrase=PASSPHRASE)
    return Key(5, "deploy", "ssh", login="", private_key=text, passphrase=PASSPHRASE)


def with_access(spec, url: str, key: Key | None, **settings: object):
    repository = RepositorySpec(7, url, "main", key="5", access=key)
    made = replace(spec("echo it ran; env"), repository=repository)
    return replace(made, settings=replace(made.settings, **settings))


def over_ssh(server: Sshd, path: Path, user: str = "") -> str:
    return f"ssh://{user and user + '@'}127.0.0.1:{server.port}{path}"


def test_a_private_repository_is_cloned_over_ssh(spec, origin, server, key, tmp_path) -> None:
    server.allow((tmp_path / "key.pub").read_text())
    key = replace(key, login=server.user)
    outcome, told = run(with_access(spec, over_ssh(server, origin.path), key))
    assert outcome.succeeded and "it ran" in told.lines
    assert not any(line.startswith("SSH_AUTH_SOCK") for line in told.lines)
    assert_no_secret(tmp_path / "data", told, PASSPHRASE, key.private_key.splitlines()[1])


def test_a_key_that_the_server_does_not_know_is_named(spec, origin, server, key) -> None:
    told = ListReporter()
    made = with_access(spec, over_ssh(server, origin.path, server.user), key)
    with pytest.raises(PreparationFailed, match=r'Key "deploy" was refused by 127\.0\.0\.1'):
        run(made, told)


def test_without_a_key_it_says_that_one_is_needed(spec, origin, server) -> None:
    made = with_access(spec, over_ssh(server, origin.path, server.user), None)
    with pytest.raises(PreparationFailed, match="lets nobody read the repository without a key"):
        run(made)


def test_a_server_that_shows_another_host_key_is_refused(
    spec, origin, server, key, tmp_path
) -> None:
    server.allow((tmp_path / "key.pub").read_text())
    keygen(tmp_path / "other", "ed25519")
    other = (tmp_path / "other.pub").read_text().split()[:2]
    made = with_access(spec, over_ssh(server, origin.path, server.user), key)
    made = replace(made, host_keys=(HostKeySpec("127.0.0.1", server.port, *other),))
    with pytest.raises(PreparationFailed, match="host key is not known, or is not the one it was"):
        run(made)


def test_a_host_key_that_is_accepted_is_told_to_the_project(
    spec, origin, server, key, tmp_path
) -> None:
    server.allow((tmp_path / "key.pub").read_text())
    made = with_access(spec, over_ssh(server, origin.path, server.user), key)
    outcome, told = run(made)
    name, blob = server.host_key.split()
    known = {"host": "127.0.0.1", "port": server.port, "type": name, "key": blob}
    assert outcome.succeeded
    assert [data for kind, data in told.events if kind == "host_key"] == [known]
    again = replace(made, host_keys=(HostKeySpec(**known),))
    strict = replace(again, settings=replace(again.settings, host_keys="yes"))
    outcome, told = run(strict)
    assert outcome.succeeded and not [kind for kind, _ in told.events if kind == "host_key"]


def test_a_host_key_is_required_where_the_policy_says_so(
    spec, origin, server, key, tmp_path
) -> None:
    server.allow((tmp_path / "key.pub").read_text())
    url = over_ssh(server, origin.path, server.user)
    with pytest.raises(PreparationFailed, match="host key is not known"):
        run(with_access(spec, url, key, host_keys="yes"))


@pytest.mark.parametrize(
    ("login", "password", "shown"),
    [("ann", "pass word/:@☀", ("ann", "pass word/:@☀")), ("", TOKEN, (TOKEN, ""))],
)
def test_a_private_repository_is_cloned_over_https(
    spec, origin, tmp_path, login, password, shown
) -> None:
    key = Key(5, "web", "login_password", login=login, password=password)
    with git_server(origin.path.parent, tmp_path / "tls", *shown) as server:
        made = with_access(
            spec, f"{server.url}/origin", key, env_vars={"GIT_SSL_CAINFO": str(server.ca)}
        )
        outcome, told = run(made)
    assert outcome.succeeded and "it ran" in told.lines, told.lines
    assert set(server.logins) == {shown}
    assert_no_secret(tmp_path / "data", told, password)


def test_a_certificate_that_nobody_trusts_is_refused(spec, origin, tmp_path) -> None:
    key = Key(5, "web", "login_password", login="ann", password="secret1")
    with (
        git_server(origin.path.parent, tmp_path / "tls", "ann", "secret1") as server,
        pytest.raises(PreparationFailed, match="certificate is not trusted"),
    ):
        run(with_access(spec, f"{server.url}/origin", key))
    assert server.logins == []


def test_a_wrong_password_is_told_with_the_name_of_its_key(spec, origin, tmp_path) -> None:
    key = Key(5, "web", "login_password", login="ann", password="wrong-one")
    with git_server(origin.path.parent, tmp_path / "tls", "ann", "right-one") as server:
        env = {"GIT_SSL_CAINFO": str(server.ca)}
        told = ListReporter()
        with pytest.raises(PreparationFailed, match=r'Key "web" was refused by 127\.0\.0\.1:'):
            run(with_access(spec, f"{server.url}/origin", key, env_vars=env), told)
    assert not any("wrong-one" in line for line in told.lines)


def test_a_key_that_does_not_fit_the_address_is_a_warning(spec, origin, tmp_path, key) -> None:
    told = ListReporter()
    with git_server(origin.path.parent, tmp_path / "tls", "ann", "secret1") as server:
        env = {"GIT_SSL_CAINFO": str(server.ca)}
        with pytest.raises(PreparationFailed, match="was refused"):
            run(with_access(spec, f"{server.url}/origin", key, env_vars=env), told)
    assert any('Warning: key "deploy" is for ssh' in line for line in told.lines)


def assert_no_secret(data: Path, told: ListReporter, *secrets: str) -> None:
    """Neither in the log nor in a file, in no form in which we could have written it."""
    texts = [line.encode() for line in told.lines]
    for folder, _, names in os.walk(data):
        texts += [file.read_bytes() for name in names if (file := Path(folder, name)).is_file()]
    for secret in secrets:
        assert not any(secret.encode() in text for text in texts)
