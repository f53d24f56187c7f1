"""Looks at private repositories: with the key as a run has it, and the key named if refused."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from app.executors.questions import Look
from app.executors.questions.repositories import Reachable, Tree
from app.executors.spec import HostKeySpec, Key, PreparationFailed, RepositorySpec, RunSpec
from app.lib.git_errors import HostKeyUnknown
from tests.executors.runs import spec_of
from tests.git_http import git_server
from tests.lib.test_private_keys import keygen
from tests.sshd import sshd

PASSWORD = "right-one-0123"


def about(tmp_path: Path, url: str, key: Key | None, **settings: object) -> RunSpec:
    run = spec_of(tmp_path / "data", url, settings=settings)
    return replace(run, repository=RepositorySpec(7, url, "main", key="5", access=key))


def web_key(password: str) -> Key:
    return Key(5, "web", "login_password", login="ann", password=password)


def look() -> Look:
    return Look("private", 60)


def test_over_https(tmp_path: Path, origin) -> None:
    with git_server(origin.path.parent, tmp_path / "tls", "ann", PASSWORD) as server:
        trusted = {"env_vars": {"GIT_SSL_CAINFO": str(server.ca)}}
        run = about(tmp_path, f"{server.url}/origin", web_key(PASSWORD), **trusted)
        found = [Reachable(run).answer(look()), Tree(run).answer(look())]
    assert found[0]["branches"] == ["main"]
    assert found[1]["entries"][0]["name"] == "hello.sh"
    assert PASSWORD not in json.dumps(found)


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        (web_key("wrong"), r'Key "web" was refused by 127\.0\.0\.1'),
        (None, "lets nobody read the repository without a key"),
    ],
)
def test_who_is_refused_is_named(tmp_path: Path, origin, key, reason) -> None:
    with git_server(origin.path.parent, tmp_path / "tls", "ann", PASSWORD) as server:
        trusted = {"env_vars": {"GIT_SSL_CAINFO": str(server.ca)}}
        run = about(tmp_path, f"{server.url}/origin", key, **trusted)
        for question in (Reachable(run), Tree(run)):
            with pytest.raises(PreparationFailed, match=reason):
                question.answer(look())


def test_over_ssh_with_the_host_that_is_known(tmp_path: Path, origin) -> None:
    text = keygen(tmp_path / "key", "ed25519", passphrase="a passphrase")
    key = Key(5, "deploy", "ssh", private_key=text, passphrase="a passphrase")
    with sshd(tmp_path / "sshd") as server:
        server.allow((tmp_path / "key.pub").read_text())
        url = f"ssh://{server.user}@127.0.0.1:{server.port}{origin.path}"
        run = about(tmp_path, url, key)
        assert Reachable(run).answer(look())["default"] == "main"
        keygen(tmp_path / "other", "ed25519")
        other = (tmp_path / "other.pub").read_text().split()[:2]
        known = (HostKeySpec("127.0.0.1", server.port, *other),)
        with pytest.raises(HostKeyUnknown):
            Reachable(replace(run, host_keys=known)).answer(look())
