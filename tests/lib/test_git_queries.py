import os

import pytest

from app.lib.git import GitSettings
from app.lib.git_errors import RefMissing
from app.lib.git_queries import branches, by_numbers, last_commit, ls_remote, tags
from app.lib.git_urls import BadRef, parse_url
from tests.lib.git_repos import source


@pytest.fixture
def origin(tmp_path):
    return source(tmp_path / "a repo 50% done")


def url_of(origin):
    return parse_url(f"file://{origin.path}".replace("%", "%25").replace(" ", "%20"))


def test_the_hash_of_a_branch_or_tag_needs_no_clone(origin):
    first = origin.git("rev-parse", "HEAD")
    origin.git("tag", "v1")
    second = origin.commit()
    assert ls_remote(url_of(origin), "main", GitSettings()) == second
    assert ls_remote(url_of(origin), "v1", GitSettings()) == first


def test_a_name_is_looked_up_exactly(origin):
    origin.git("branch", "old/main")
    origin.git("branch", "-m", "main", "new/main")
    with pytest.raises(RefMissing, match="“main”"):
        ls_remote(url_of(origin), "main", GitSettings())


def test_patterns_and_options_are_no_names(origin):
    for name in ("ma*", "--upload-pack=id", ""):
        with pytest.raises(BadRef):
            ls_remote(url_of(origin), name, GitSettings())


def test_branches_are_listed_by_name(origin):
    origin.git("branch", "release/1")
    origin.git("tag", "v1")
    assert branches(url_of(origin), GitSettings()) == ["main", "release/1"]


def test_the_last_commit_of_a_directory_in_use(origin):
    found = last_commit(origin.path / ".git", GitSettings())
    assert found and found.hash == origin.git("rev-parse", "HEAD") and found.message == "First"
    assert found.short == found.hash[:8]


def test_what_is_no_repository_has_no_last_commit(tmp_path):
    (tmp_path / "empty").mkdir()
    assert last_commit(tmp_path / "nowhere", GitSettings()) is None
    assert last_commit(tmp_path / "empty", GitSettings()) is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_repository_of_another_user_is_not_read(origin):
    os.chown(origin.path / ".git", 12345, 12345)
    assert last_commit(origin.path / ".git", GitSettings()) is None


def test_numbers_of_any_length_and_script_can_be_in_the_name_of_a_tag():
    names = ["v1", f"v{'9' * 5000}", "v²", f"v{'٣' * 5000}"]
    assert sorted(reversed(names), key=by_numbers) == names


def test_tags_are_listed_with_the_newest_number_first(origin):
    for name in ("v1.9", "v1.10", "old"):
        origin.git("tag", name)
    origin.git("tag", "-a", "-m", "x", "v2")
    assert tags(url_of(origin), GitSettings()) == ["v2", "v1.10", "v1.9", "old"]
