"""Submodules of a checkout."""

import shutil
import subprocess

import pytest

from app.lib.git import GitSettings
from app.lib.git_errors import Broken
from app.lib.git_mirror import Mirror
from app.lib.git_urls import BadUrl, join_url, parse_url
from tests.lib.git_benches import Bench, status
from tests.lib.git_repos import source, tree


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path)


def test_submodules_are_listed_with_path_commit_and_address(bench, tmp_path):
    library = source(tmp_path / "library")
    bench.origin.git("submodule", "add", "-q", "../library", "libs/one")
    commit = bench.origin.commit("With a submodule")
    bench.mirror.refresh()
    bench.bring(commit)
    assert bench.checkout.submodules() == [("libs/one", library.git("rev-parse", "HEAD"))]
    assert bench.checkout.submodule_urls() == {"libs/one": "../library"}
    assert join_url(bench.origin.url, "../library") == library.url


def test_a_submodule_comes_out_clean_like_its_parent(bench, tmp_path):
    library = source(tmp_path / "library")
    bench.origin.git("submodule", "add", "-q", "../library", "libs/one")
    commit = bench.origin.commit("With a submodule")
    bench.mirror.refresh()
    mirror = Mirror(tmp_path / "library-mirror", library.url, GitSettings())
    mirror.refresh()

    def bring():
        bench.bring(commit)
        path, inner = bench.checkout.submodules()[0]
        bench.checkout.submodule(path).bring_to(mirror, inner)

    bring()
    inside = bench.path / "libs" / "one"
    (inside / "stray").touch()
    (inside / ".git" / "config").write_text(f"[core]\n\tfsmonitor = {bench.program}\n")
    bring()
    assert tree(inside) == {"hello.sh"} and status(bench.path) == "" and status(inside) == ""
    shutil.rmtree(inside)
    inside.symlink_to(tmp_path)
    bring()
    assert tree(inside) == {"hello.sh"} and not inside.is_symlink()
    assert not bench.canary.exists()


def test_a_submodule_never_lies_outside(bench, tmp_path):
    (bench.path / "out").symlink_to(tmp_path)
    with pytest.raises(Broken, match="inside"):
        bench.checkout.submodule("out/there")


def test_a_submodule_without_an_address_is_left_empty(bench):
    first = bench.origin.git("rev-parse", "HEAD")
    bench.origin.git("update-index", "--add", "--cacheinfo", f"160000,{first},stray")
    bench.origin.git("commit", "-q", "-m", "A gitlink alone")
    commit = bench.origin.git("rev-parse", "HEAD")
    bench.mirror.refresh()
    bench.bring(commit)
    (bench.path / "stray" / "planted").touch()
    bench.bring(commit)
    assert bench.checkout.submodules() == []
    assert not (bench.path / "stray" / "planted").exists()


@pytest.mark.parametrize(
    "url",
    ["ext::sh -c touch% canary", "-u./payload", "file:///etc", "/etc", "https://h/r\n\tx = y", ""],
)
def test_addresses_in_gitmodules_pass_the_same_check(bench, url):
    module = subprocess.list2cmdline([url]) if "\n" not in url else f'"{url}"'
    first = bench.origin.git("rev-parse", "HEAD")
    quoted = module if module.startswith('"') else f'"{url}"'
    quoted = quoted.replace("\n", "\\n").replace("\t", "\\t")
    bench.origin.write(".gitmodules", f'[submodule "x"]\n\tpath = x\n\turl = {quoted}\n')
    bench.origin.git("update-index", "--add", "--cacheinfo", f"160000,{first},x")
    bench.origin.git("add", ".gitmodules")
    bench.origin.git("commit", "-q", "-m", "Hostile")
    commit = bench.origin.git("rev-parse", "HEAD")
    bench.mirror.refresh()
    bench.bring(commit)
    assert bench.checkout.submodule_urls() == {"x": url}
    with pytest.raises(BadUrl):
        join_url(parse_url("https://example.test/o/r"), url)
