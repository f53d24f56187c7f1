"""Submodules: at their commits, in every depth, and none that is hostile."""

import shutil

import pytest

from tests.executors.runs import refused, run
from tests.lib.git_repos import source, tree


def test_submodules_are_there_at_their_commits_and_in_every_depth(spec, origin, tmp_path):
    inner, library = source(tmp_path / "inner", deep="echo deep"), source(tmp_path / "library")
    library.git("submodule", "add", "-q", "../inner", "inner")
    pinned = library.commit("With inner")
    origin.git("submodule", "add", "-q", f"file://{library.path}", "libs/one")
    inner.commit("Later")
    library.commit("Later")
    for _ in range(2):
        _, told = run(spec("git -C libs/one rev-parse HEAD; bash libs/one/inner/deep.sh; touch x"))
        assert told.lines[-2:] == [pinned, "deep"]
    assert tree(tmp_path / "origin" / "libs" / "one") >= {"hello.sh"}


def test_a_damaged_mirror_of_a_submodule_costs_only_that_one(spec, origin, tmp_path):
    library = source(tmp_path / "library")
    origin.git("submodule", "add", "-q", f"file://{library.path}", "lib")
    run(spec("cat lib/hello.sh"))
    head = library.git("rev-parse", "HEAD")
    mirrors = (tmp_path / "data" / "mirrors" / "1").glob("7-*[0-9a-f]")
    whole, broken = sorted(mirrors, key=lambda path: head in (path / "packed-refs").read_text())
    before = (whole / "objects").stat().st_ino
    for pack in (broken / "objects").rglob("*.pack"):
        pack.chmod(0o600)
        pack.write_bytes(b"")
    shutil.rmtree(tmp_path / "data" / "workspaces")
    _, told = run(spec(script="script.sh"))
    assert told.lines[-1] == "echo hello"
    assert (whole / "objects").stat().st_ino == before


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ext::sh -c touch% {canary}", "“::”"),
        ("-u touch {canary}", "cannot begin"),
        ("{data}/mirrors", "server's own data"),
        ("file://{data}/mirrors", "server's own data"),
        ("heliograph:demo", "may not point"),
        ("", "no address"),
    ],
)
def test_a_hostile_submodule_is_refused(spec, origin, tmp_path, url, reason):
    canary, data = tmp_path / "canary", tmp_path / "data"
    head = origin.git("rev-parse", "HEAD")
    url = url.format(canary=canary, data=data)
    origin.write(".gitmodules", f'[submodule "x"]\n\tpath = x\n\turl = "{url}"\n')
    origin.git("add", ".gitmodules")
    origin.git("update-index", "--add", "--cacheinfo", f"160000,{head},x")
    origin.git("commit", "-q", "-m", "Hostile")
    made = spec()
    assert reason in refused(made)
    assert not canary.exists()


def test_a_submodule_within_itself_comes_to_an_end(spec, origin):
    """Each level adds a submodule that has the same .gitmodules."""
    head = origin.git("rev-parse", "HEAD")
    for _ in range(12):
        origin.write(".gitmodules", f'[submodule "x"]\n\tpath = x\n\turl = {origin.url.text}\n')
        origin.git("add", ".gitmodules")
        origin.git("update-index", "--add", "--cacheinfo", f"160000,{head},x")
        origin.git("commit", "-q", "-m", "Nested")
        head = origin.git("rev-parse", "HEAD")
    assert "nested too deep" in refused(spec())
