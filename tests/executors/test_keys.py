"""Each type of key in each role: what it gives, or why it is refused."""

import os
import subprocess

import pytest

from app.executors import keys
from app.executors.spec import Key, PreparationFailed
from tests.lib.test_private_keys import keygen


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    return keygen(tmp_path_factory.mktemp("keys") / "key", "ed25519", passphrase="open it")


def ssh(text: str, **given: object) -> Key:
    values = {"login": "ann", "private_key": text, "passphrase": "open it"} | given
    return Key(1, "deploy", "ssh", **values)


def password(**given: object) -> Key:
    return Key(2, "deploy", "login_password", **({"login": "ann", "password": "secret1"} | given))


NONE = Key(3, "None", "none")
STRING = Key(4, "token", "string", password="secret1")


@pytest.mark.parametrize("role", [keys.GIT, keys.USER])
def test_an_ssh_key_is_served_by_an_agent_until_it_is_destroyed(role, text) -> None:
    with keys.install(ssh(text), role) as installed:
        assert (installed.login, installed.password) == ("ann", "")
        env = {"PATH": os.environ["PATH"], "SSH_AUTH_SOCK": str(installed.agent)}
        listed = subprocess.run(["ssh-add", "-l"], env=env, capture_output=True, text=True)
        assert "ED25519" in listed.stdout
        agent = installed.agent
    assert agent and not agent.parent.exists()
    assert (installed.login, installed.agent) == ("", None)


@pytest.mark.parametrize("role", [keys.GIT, keys.USER, keys.BECOME, keys.VAULT])
def test_a_password_is_handed_out_until_it_is_destroyed(role) -> None:
    with keys.install(password(), role) as installed:
        assert (installed.login, installed.password, installed.agent) == ("ann", "secret1", None)
    assert installed.password == ""
    assert "secret1" not in repr(keys.install(password(), role))


@pytest.mark.parametrize("key", [NONE, None])
@pytest.mark.parametrize("role", [keys.GIT, keys.USER, keys.BECOME])
def test_a_key_of_type_none_gives_nothing(role, key) -> None:
    with keys.install(key, role) as installed:
        assert (installed.login, installed.password, installed.agent) == ("", "", None)


@pytest.mark.parametrize(
    ("role", "key", "refusal", "words"),
    [
        (keys.BECOME, "ssh", keys.KeyTypeRefused,
         'Key "deploy" is of type ssh; the become credential must be login_password'),
        (keys.VAULT, "ssh", keys.KeyTypeRefused,
         'Key "deploy" is of type ssh; the vault password must be login_password'),
        (keys.GIT, STRING, keys.KeyTypeRefused,
         'Key "token" is of type string; the git credential must be ssh or login_password'),
        (keys.USER, STRING, keys.KeyTypeRefused,
         'Key "token" is of type string; the user credential must be ssh or login_password'),
        (keys.BECOME, STRING, keys.KeyTypeRefused,
         'Key "token" is of type string; the become credential must be login_password'),
        (keys.VAULT, STRING, keys.KeyTypeRefused,
         'Key "token" is of type string; the vault password must be login_password'),
        (keys.VAULT, NONE, keys.KeyEmpty, 'Key "None" has no secret; fill it in under Keys'),
        (keys.VAULT, password(password=""), keys.KeyEmpty,
         'Key "deploy" has no secret; fill it in under Keys'),
        (keys.GIT, Key(5, "old", "ssh", is_empty=True), keys.KeyEmpty,
         'Key "old" has no secret; fill it in under Keys'),
        (keys.USER, Key(5, "old", "ssh", lost="IFTi6Ipik8Q"), keys.KeyUndecryptable,
         'Cannot decrypt key "old", perhaps the encryption key was changed (key id IFTi6Ipik8Q)'),
        (keys.GIT, Key(5, "old", "ssh", private_key="hello"), keys.KeyUnreadable,
         'Key "old" is not a private key that can be read'),
    ],
)  # fmt: skip
def test_a_key_that_does_not_fit_is_refused(role, key, refusal, words, text) -> None:
    with pytest.raises(refusal) as refused:
        keys.install(ssh(text) if key == "ssh" else key, role)
    assert str(refused.value) == words
    assert isinstance(refused.value, PreparationFailed)


@pytest.mark.parametrize("passphrase", ["", "another"])
def test_a_wrong_passphrase_is_told_from_a_broken_key(text, passphrase) -> None:
    with pytest.raises(keys.KeyPassphraseWrong, match=r'^The passphrase of key "deploy" is wrong$'):
        keys.install(ssh(text, passphrase=passphrase), keys.GIT)


def test_an_agent_that_cannot_start_says_so(text, monkeypatch, tmp_path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    with pytest.raises(keys.AgentFailed, match=r"^The ssh agent did not start: No such file"):
        keys.install(ssh(text), keys.GIT)
