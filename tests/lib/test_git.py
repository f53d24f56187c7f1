import os
import threading

import pytest

from app.lib.git import Git, GitSettings, ssh_command
from app.lib.git_errors import (
    AuthRefused,
    Broken,
    GitError,
    HostKeyUnknown,
    NetworkFailed,
    ProtocolRefused,
    RepositoryMissing,
    TlsFailed,
    classify,
)
from tests.lib.git_repos import source
from tests.lib.processes import marked, until


class Unwanted(Exception):
    pass


@pytest.fixture
def repository(tmp_path):
    return source(tmp_path / "r")


@pytest.fixture
def git(repository):
    return Git(repository.path / ".git", GitSettings(), work_tree=repository.path)


def stub_ssh(tmp_path, script):
    """Settings whose ssh is a script of the test."""
    file = tmp_path / "ssh"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return GitSettings(ssh=str(file), env={"GIT_SSH_VARIANT": "ssh"})


def fetch_by_ssh(settings):
    git = Git(None, settings, protocols=("ssh",))
    return git.ls_remote("--", "ssh://example.test/r")


def test_it_returns_what_git_prints(git, repository):
    assert git.rev_parse("HEAD") == repository.git("rev-parse", "HEAD")


def test_a_machine_without_git_is_told_to_install_it(repository):
    git = Git(repository.path / ".git", GitSettings(env={"PATH": "/nowhere"}))
    with pytest.raises(GitError, match="apt install git"):
        git.status()


def test_names_that_are_no_utf8_survive(git, repository):
    name = os.fsdecode(b"caf\xe9")
    repository.write(name)
    repository.commit()
    assert name in git.ls_files("-z").split("\0")


def test_nothing_of_the_servers_environment_reaches_git(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "secret")
    monkeypatch.setenv("GIT_DIR", "/elsewhere")
    settings = stub_ssh(tmp_path, f"env > {tmp_path}/seen; exit 1")
    with pytest.raises(GitError):
        fetch_by_ssh(settings)
    seen = dict(line.split("=", 1) for line in (tmp_path / "seen").read_text().splitlines())
    assert not {"DATABASE_URL", "GIT_DIR", "SSH_AUTH_SOCK"} & set(seen)
    assert seen["HOME"] == "/dev/null"


def test_settings_reach_git_but_cannot_open_it(repository):
    env = {"HTTPS_PROXY": "http://proxy", "GIT_ALLOW_PROTOCOL": "ext", "GIT_CONFIG_GLOBAL": "/x"}
    sealed = Git(repository.path / ".git", GitSettings(env=env)).sealed
    assert sealed["HTTPS_PROXY"] == "http://proxy"
    assert sealed["GIT_ALLOW_PROTOCOL"] == "" and sealed["GIT_CONFIG_GLOBAL"] == "/dev/null"


def test_the_users_configuration_is_not_read(tmp_path, monkeypatch, git):
    (tmp_path / ".gitconfig").write_text("[user]\n\tname = Server\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(GitError):
        git.config("--get", "user.name")


@pytest.mark.parametrize("key", ["core.fsmonitor", "core.hooksPath", "core.pager", "gpg.program"])
def test_programs_named_by_a_repositorys_configuration_are_not_run(tmp_path, git, repository, key):
    canary = tmp_path / "canary"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {canary}\n")
    program.chmod(0o755)
    repository.git("config", key, str(program))
    repository.git("config", "log.showSignature", "true")
    git.status()
    git.log("-1", "--no-show-signature")
    assert not canary.exists()


def test_hooks_are_not_run(tmp_path, git, repository):
    canary = tmp_path / "canary"
    for name in ("post-checkout", "post-index-change", "reference-transaction"):
        repository.write(f".git/hooks/{name}", f"#!/bin/sh\ntouch {canary}\n", 0o755)
    git.read_tree("--reset", "-u", "HEAD")
    git.update_ref("refs/heads/other", "HEAD")
    assert not canary.exists()


def test_only_the_given_protocols_are_spoken(tmp_path, repository):
    canary = tmp_path / "canary"
    git = Git(repository.path / ".git", GitSettings(), protocols=("https",))
    for url in (f"ext::sh -c touch% {canary}", str(repository.path), f"file://{repository.path}"):
        with pytest.raises(ProtocolRefused):
            git.fetch("--", url)
    assert not canary.exists()


def test_an_option_for_an_address_is_no_option_behind_the_dashes(tmp_path, git):
    canary = tmp_path / "canary"
    with pytest.raises(GitError):
        git.fetch("--", f"--upload-pack=touch {canary}")
    assert not canary.exists()


def test_a_damaged_repository_is_not_taken_for_one_further_up(repository):
    (repository.path / "broken.git").mkdir()
    with pytest.raises(GitError):
        Git(repository.path / "broken.git", GitSettings()).rev_parse("HEAD")


def test_it_never_asks_for_a_password(tmp_path):
    words = ssh_command(tmp_path / "known hosts")
    assert "BatchMode=yes" in words and "IdentityFile=none" in words
    assert f"'UserKnownHostsFile={tmp_path}/known hosts'" in words


def test_it_is_stopped_together_with_what_it_has_started(tmp_path):
    settings = stub_ssh(tmp_path, f"echo $$ > {tmp_path}/pid; sleep 100; echo never")
    begun = threading.Event()

    def check():
        if (tmp_path / "pid").exists():
            begun.set()
            raise Unwanted

    with pytest.raises(Unwanted):
        fetch_by_ssh(GitSettings(ssh=settings.ssh, env={"WHOSE": str(tmp_path)}, check=check))
    assert begun.is_set()
    until(lambda: not marked(f"WHOSE={tmp_path}"))


def test_a_wait_ends_when_nobody_wants_it_any_more():
    slept = []

    def check():
        if len(slept) == 2:
            raise Unwanted

    with pytest.raises(Unwanted):
        GitSettings(check=check, pause=slept.append).wait(60)
    assert slept == [0.2, 0.2]


def test_git_and_its_helpers_hold_the_locks_as_long_as_they_live(tmp_path):
    settings = stub_ssh(tmp_path, f"ls -l /proc/$$/fd > {tmp_path}/held; exit 1")
    with open(tmp_path / "lock", "w") as lock, pytest.raises(GitError):
        fetch_by_ssh(GitSettings(ssh=settings.ssh, locks=(lock.fileno(),)))
    assert str(tmp_path / "lock") in (tmp_path / "held").read_text()


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("Host key verification failed.\nfatal: Could not read from remote repo", HostKeyUnknown),
        ("git@h: Permission denied (publickey).\nfatal: Could not read from remote", AuthRefused),
        ("fatal: could not read Username for 'https://h': terminal prompts disabled", AuthRefused),
        ("fatal: Authentication failed for 'https://h/r/'", AuthRefused),
        (
            "fatal: unable to access 'https://h/': The requested URL returned error: 403",
            AuthRefused,
        ),
        ("fatal: unable to access 'https://h/': server certificate verification failed", TlsFailed),
        ("fatal: unable to access 'https://h/': gnutls_handshake() failed: x", TlsFailed),
        ("fatal: transport 'ext' not allowed", ProtocolRefused),
        ("fatal: strange hostname '-x' blocked", ProtocolRefused),
        ("remote: Not Found\nfatal: repository 'https://h/r/' not found", RepositoryMissing),
        ("fatal: '/r' does not appear to be a git repository", RepositoryMissing),
        ("fatal: unable to access 'https://h/': Could not resolve host: h", NetworkFailed),
        ("ssh: connect to host h port 22: Connection refused\nfatal: Could not", NetworkFailed),
        ("fatal: unable to access 'x': The requested URL returned error: 502", NetworkFailed),
        ("error: RPC failed; curl 18 transfer closed\nfatal: early EOF", NetworkFailed),
        ("fatal: loose object 9f2c is corrupt", Broken),
        ("", Broken),
    ],
)
def test_an_error_says_what_can_be_done_about_it(said, kind):
    error = classify(said, "fetch")
    assert type(error) is kind
    assert error.output == said and str(error)


def test_only_a_failing_network_is_worth_another_try():
    assert NetworkFailed().retryable
    kinds = (AuthRefused, Broken, HostKeyUnknown, ProtocolRefused, RepositoryMissing, TlsFailed)
    assert not any(kind.retryable for kind in kinds)


def test_an_error_carries_gits_last_lines_without_its_advice():
    said = "Cloning into 'x'...\nhint: do this\n" + "\n".join(f"line {n}" for n in range(9))
    assert classify(said, "fetch").output.splitlines() == [f"line {n}" for n in range(3, 9)]


def test_a_repository_of_another_user_is_explained():
    said = "fatal: detected dubious ownership in repository at '/r'"
    assert "another user" in str(classify(said, "fetch"))
