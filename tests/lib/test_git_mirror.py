"""A mirror: cloned once, fetched when it has to be, and what refuses or breaks it."""

import os
import time
from pathlib import Path

import pytest

from app.lib.file_lock import try_lock
from app.lib.git import GitSettings
from app.lib.git_errors import GitError, RefMissing, RepositoryMissing
from app.lib.git_mirror import Mirror, mirror_name
from app.lib.git_urls import BadRef, parse_url
from tests.lib.git_repos import Source, source


class Unwanted(Exception):
    pass


@pytest.fixture
def origin(tmp_path):
    return source(tmp_path / "origin")


@pytest.fixture
def said():
    return []


@pytest.fixture
def mirror(tmp_path, origin, said):
    return Mirror(tmp_path / "mirrors" / "1-x", origin.url, GitSettings(say=said.append))


def test_it_is_cloned_and_follows_its_origin(mirror, origin):
    assert mirror.is_new
    mirror.refresh()
    first = mirror.resolve("main")
    second = origin.commit("Second")
    mirror.refresh()
    assert not mirror.is_new
    assert first.message == "First" and mirror.resolve("main").hash == second


def test_branches_and_tags_that_are_gone_are_gone(mirror, origin):
    origin.git("branch", "old")
    origin.git("tag", "v1")
    mirror.refresh()
    assert mirror.names() == ["main", "old", "v1"]
    origin.git("branch", "-D", "old")
    origin.git("tag", "-d", "v1")
    origin.git("branch", "old/deeper")
    mirror.refresh()
    assert mirror.names() == ["main", "old/deeper"]


def test_a_rewritten_branch_is_nothing_special(mirror, origin):
    origin.commit("Wrong")
    mirror.refresh()
    origin.git("reset", "-q", "--hard", "HEAD~1")
    right = origin.commit("Right")
    mirror.refresh()
    assert mirror.resolve("main").hash == right


def test_only_branches_and_tags_are_copied(mirror, origin):
    origin.git("update-ref", "refs/pull/1/head", "HEAD")
    mirror.refresh()
    assert "pull" not in (mirror.path / "packed-refs").read_text()


def test_nothing_is_fetched_where_nothing_has_changed(mirror, origin, monkeypatch):
    mirror.refresh()
    monkeypatch.setattr(Mirror, "_fetch", lambda *_: pytest.fail("fetched"))
    mirror.refresh()


def test_who_waited_for_a_fetch_that_began_later_does_not_repeat_it(mirror, origin):
    mirror.refresh()
    origin.commit("Second")
    lock = try_lock(mirror.path.with_name("1-x.lock"))

    def the_other_run_has_fetched(_):
        (mirror.path / "fetched").write_text(f"{time.time_ns()} state")
        os.close(lock)

    settings = GitSettings(pause=the_other_run_has_fetched)
    Mirror(mirror.path, mirror.url, settings).refresh()
    assert mirror.resolve("main").message == "First"


def test_whoever_waits_for_another_fetch_says_so_and_can_be_stopped(tmp_path, origin, said):
    def check():
        if said:
            raise Unwanted

    settings = GitSettings(say=said.append, check=check)
    mirror = Mirror(tmp_path / "m", origin.url, settings)
    lock = try_lock(tmp_path / "m.lock")
    with pytest.raises(Unwanted):
        mirror.refresh()
    os.close(lock)
    assert said == ["Waiting for another run that fetches the same repository"]


def test_a_branch_wins_over_a_tag_of_the_same_name(mirror, origin):
    tagged = origin.git("rev-parse", "HEAD")
    origin.git("tag", "both")
    origin.git("tag", "-a", "-m", "annotated", "only")
    branched = origin.commit("Second")
    origin.git("branch", "both")
    mirror.refresh()
    assert mirror.resolve("both").hash == branched
    assert mirror.resolve("only").hash == tagged


def test_a_commit_is_found_by_its_whole_hash_and_by_its_beginning(mirror, origin):
    first = origin.git("rev-parse", "HEAD")
    origin.commit("Second")
    mirror.refresh()
    assert mirror.resolve("main", first).hash == mirror.resolve("main", first[:7]).hash == first
    assert mirror.has(first) and not mirror.has("0" * 40) and not mirror.has(first[:7])


def test_a_branch_called_like_a_commit_is_not_taken_for_it(mirror, origin):
    origin.git("branch", "abcdef")
    mirror.refresh()
    with pytest.raises(RefMissing):
        mirror.resolve("main", "abcdef")


@pytest.mark.parametrize("commit", ["deadbeef", "d" * 40])
def test_a_commit_that_does_not_exist_is_named(mirror, commit):
    mirror.refresh()
    with pytest.raises(RefMissing, match=f"no commit {commit}"):
        mirror.resolve("main", commit)


def test_a_commit_that_no_branch_leads_to_is_fetched_by_its_hash(mirror, origin):
    lost = origin.commit("Lost")
    origin.git("reset", "-q", "--hard", "HEAD~1")
    origin.git("config", "uploadpack.allowAnySHA1InWant", "true")
    mirror.refresh()
    assert not mirror.has(lost)
    mirror.fetch_commit(lost)
    assert mirror.has(lost) and mirror.names() == ["main"]
    with pytest.raises(RefMissing):
        mirror.fetch_commit("0123456789" * 4)


def test_a_misspelt_branch_is_answered_with_similar_ones(mirror, origin):
    origin.git("branch", "release/2025")
    mirror.refresh()
    with pytest.raises(RefMissing, match=r"“relaese/2025”.*Similar: release/2025"):
        mirror.resolve("relaese/2025")


def test_an_empty_repository_says_that_it_has_no_branches(tmp_path):
    mirror = Mirror(tmp_path / "m", Source(tmp_path / "empty").url, GitSettings())
    mirror.refresh()
    with pytest.raises(RefMissing, match="no branches yet"):
        mirror.resolve("main")


@pytest.mark.parametrize("name", ["-x", "--output=/tmp/p", "a..b", "main\n", "main^{tree}"])
def test_what_is_no_name_never_reaches_git(mirror, name):
    mirror.refresh()
    with pytest.raises(BadRef):
        mirror.resolve(name)


def test_the_first_line_of_the_message_is_cut_to_100_characters(mirror, origin):
    origin.git("commit", "-q", "--allow-empty", "-m", "ž" * 150 + "\n\nmore")
    mirror.refresh()
    assert mirror.resolve("main").message == "ž" * 100


def test_a_repository_that_is_not_there_is_said_at_once(tmp_path, said):
    settings = GitSettings(say=said.append, pause=lambda _: pytest.fail("tried again"))
    with pytest.raises(RepositoryMissing):
        Mirror(tmp_path / "m", parse_url(f"file://{tmp_path}/nowhere"), settings).refresh()


@pytest.mark.parametrize("damage", ["HEAD", "objects", "packed-refs", "config"])
def test_a_damaged_mirror_is_made_anew(mirror, origin, damage):
    mirror.refresh()
    origin.commit("Second")
    target = mirror.path / damage
    if target.is_dir():
        for file in target.rglob("*.pack"):
            file.chmod(0o600)
            file.write_bytes(b"garbage")
        for file in target.rglob("*.idx"):
            file.unlink()
    else:
        target.write_text("garbage")
    mirror.refresh()
    assert mirror.resolve("main").message == "Second"


def test_a_lock_that_a_killed_git_has_left_does_not_stay_in_the_way(mirror, origin, said):
    mirror.refresh()
    (mirror.path / "packed-refs.lock").touch()
    (mirror.path / "refs" / "heads" / "main.lock").touch()
    origin.commit("Second")
    mirror.refresh()
    assert mirror.resolve("main").message == "Second" and not said


def test_a_configuration_planted_in_the_mirror_is_not_obeyed(mirror, origin, tmp_path):
    canary = tmp_path / "canary"
    mirror.refresh()
    hook = mirror.path / "hooks" / "reference-transaction"
    hook.parent.mkdir()
    hook.write_text(f"#!/bin/sh\ntouch {canary}\n")
    hook.chmod(0o755)
    with (mirror.path / "config").open("a") as config:
        config.write(f'[core]\n\talternateRefsCommand = "touch {canary}; :"\n')
        config.write(f'[uploadpack]\n\tpackObjectsHook = "touch {canary}; :"\n')
        config.write(f'[url "ext::sh -c touch% {canary}"]\n\tinsteadOf = file://\n')
    origin.commit("Second")
    mirror.refresh()
    assert mirror.resolve("main").message == "Second"
    assert not canary.exists()


def test_a_hostile_repository_on_this_machine_runs_nothing(mirror, origin, tmp_path):
    canary = tmp_path / "canary"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {canary}\n")
    program.chmod(0o755)
    for key in ("uploadpack.packObjectsHook", "core.fsmonitor", "core.alternateRefsCommand"):
        origin.git("config", key, str(program))
    for name in ("post-upload-pack", "pre-auto-gc", "reference-transaction"):
        origin.write(f".git/hooks/{name}", f"#!/bin/sh\ntouch {canary}\n", 0o755)
    mirror.refresh()
    assert mirror.resolve("main").message == "First"
    assert not canary.exists()


def test_a_repository_that_promises_its_objects_elsewhere_runs_nothing(mirror, origin, tmp_path):
    """upload-pack would fetch what is missing, with the program that the configuration names."""
    canary = tmp_path / "canary"
    for key, value in {
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "evil",
        "remote.evil.promisor": "true",
        "remote.evil.url": str(tmp_path / "origin"),
        "remote.evil.uploadpack": f"touch {canary}; :",
    }.items():
        origin.git("config", key, value)
    blob = origin.git("rev-parse", "HEAD:hello.sh")
    (origin.path / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(GitError):
        mirror.refresh()
    assert not canary.exists()


def test_another_address_or_key_is_another_mirror(origin):
    other = parse_url("https://example.test/r")
    assert len({mirror_name(origin.url), mirror_name(origin.url, "7"), mirror_name(other)}) == 3


def test_a_history_without_an_address_is_loaded_once(tmp_path):
    stream = (
        b"commit refs/heads/main\ncommitter A <a@b> 0 +0000\ndata 5\nFirst\n"
        b"M 100755 inline x.sh\ndata 3\nhi\n\ndone\n"
    )
    mirror = Mirror(tmp_path / "m", parse_url("heliograph:demo"), GitSettings())
    mirror.load(stream)
    first = mirror.resolve("main")
    inode = Path(mirror.path, "packed-refs").stat().st_ino
    mirror.load(stream)
    assert mirror.resolve("main") == first
    assert Path(mirror.path, "packed-refs").stat().st_ino == inode
    mirror.load(stream.replace(b"First", b"Other"))
    assert mirror.resolve("main").message == "Other"
