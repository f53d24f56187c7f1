import subprocess
from pathlib import Path

import pytest

from app.lib.git_local import LocalRules, state_of_refs
from app.lib.git_urls import BadUrl
from tests.lib.git_repos import source


@pytest.fixture
def rules(tmp_path):
    (tmp_path / "allowed").mkdir()
    (tmp_path / "data" / "mirrors" / "2" / "secret" / "refs").mkdir(parents=True)
    return LocalRules(roots=(tmp_path,), hidden=(tmp_path / "data",))


def test_a_directory_below_a_root_is_allowed_and_given_without_links(rules, tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "allowed")
    assert rules.check(f"{tmp_path}/link") == tmp_path / "allowed"


def test_outside_of_the_roots_it_says_where_repositories_may_lie(rules, tmp_path):
    with pytest.raises(BadUrl, match=str(tmp_path)):
        rules.check("/etc")


def test_nothing_in_the_servers_data_is_a_repository(rules, tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "data" / "mirrors" / "2" / "secret")
    for path in ("data", "data/mirrors/2/secret", "link", "allowed/../data"):
        with pytest.raises(BadUrl, match="server's own data"):
            rules.check(f"{tmp_path}/{path}")


def test_a_directory_around_the_servers_data_is_not_used_in_place(rules, tmp_path):
    assert rules.check(str(tmp_path)) == tmp_path
    with pytest.raises(BadUrl, match="contains the server's own data"):
        rules.check(str(tmp_path), in_place=True)


def test_a_bare_repository_is_cloned_and_not_used_in_place(rules, tmp_path):
    path = tmp_path / "allowed" / "shop.git"
    subprocess.run(["git", "init", "-q", "--bare", path], check=True)
    assert rules.check(str(path)) == path
    with pytest.raises(BadUrl, match=f"is a bare repository.*write file://{path}$"):
        rules.check(str(path), in_place=True)
    subprocess.run(["git", "init", "-q", tmp_path / "allowed" / "shop"], check=True)
    assert rules.check(f"{tmp_path}/allowed/shop", in_place=True)


@pytest.mark.parametrize("name", ["objects", "refs", "refs/heads", "packed-refs", ".git", "HEAD"])
def test_links_in_a_repository_do_not_lead_into_the_servers_data(rules, tmp_path, name):
    link = tmp_path / "allowed" / name
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(tmp_path / "data" / "mirrors" / "2" / "secret")
    with pytest.raises(BadUrl, match="links into"):
        rules.check(f"{tmp_path}/allowed")


@pytest.mark.parametrize(
    ("file", "text"),
    [
        (".git", "gitdir: {data}/mirrors/2/secret\n"),
        (".git", "gitdir: ../data/mirrors/2/secret\n"),
        ("commondir", "{data}/mirrors/2/secret\n"),
        ("objects/info/alternates", "# fine\n{data}/mirrors/2/secret/objects\n"),
        (".git/objects/info/alternates", "../../../data/mirrors/2/secret/objects\n"),
    ],
)
def test_pointers_in_a_repository_do_not_lead_into_the_servers_data(rules, tmp_path, file, text):
    pointer = tmp_path / "allowed" / file
    pointer.parent.mkdir(parents=True, exist_ok=True)
    pointer.write_text(text.format(data=tmp_path / "data"))
    with pytest.raises(BadUrl, match="links into"):
        rules.check(f"{tmp_path}/allowed")


def test_the_state_of_refs_changes_with_every_ref_and_only_then(tmp_path):
    repository = source(tmp_path / "r")
    seen = [state_of_refs(repository.path)]
    repository.write("untracked")
    assert state_of_refs(repository.path) == seen[0]
    for change in (["commit", "-q", "--allow-empty", "-m", "x"], ["branch", "b"], ["tag", "t"]):
        repository.git(*change)
        seen.append(state_of_refs(repository.path))
    assert len(set(seen)) == 4 and all(seen)


def test_packed_and_bare_repositories_have_a_state(tmp_path):
    repository = source(tmp_path / "r")
    repository.git("pack-refs", "--all")
    assert state_of_refs(repository.path)
    assert state_of_refs(repository.path / ".git")


def test_where_only_git_can_tell_there_is_no_state(tmp_path):
    repository = source(tmp_path / "r")
    repository.git("symbolic-ref", "refs/heads/alias", "refs/remotes/origin/x")
    assert state_of_refs(repository.path) == ""
    assert state_of_refs(tmp_path) == ""
    repository.git("symbolic-ref", "-d", "refs/heads/alias")
    repository.git("worktree", "add", "-q", str(tmp_path / "w"))
    assert Path(tmp_path, "w/.git").is_file() and state_of_refs(tmp_path / "w") == ""


def test_a_crowd_of_loose_refs_is_left_to_git(tmp_path):
    repository = source(tmp_path / "r")
    commit = repository.git("rev-parse", "HEAD")
    names = "".join(f"create refs/tags/t{number} {commit}\n" for number in range(301))
    subprocess.run(
        ["git", "update-ref", "--stdin"], input=names.encode(), cwd=repository.path, check=True
    )
    assert state_of_refs(repository.path) == ""
