import pytest

from app.schemas.repositories import RepositoryIn
from tests.schemas.checks import read, refusal

GOOD = {"name": "r", "git_url": "https://git.example.test/r.git", "git_branch": "main"}


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ("name", "repository name can't be empty"),
        ("git_url", "repository url can't be empty"),
        ("git_branch", "repository branch can't be empty"),
    ],
)
def test_an_empty_field_is_refused_in_known_words(field: str, message: str) -> None:
    assert str(refusal(RepositoryIn, **GOOD | {field: ""})) == message


@pytest.mark.parametrize(
    "url", ["ext::sh -c id", "--upload-pack=id", "ftp://h/r", "fd::17", "https://u:p@h/r", "x"]
)
def test_what_git_must_not_get_is_refused_with_what_is_allowed(url: str) -> None:
    refused = refusal(RepositoryIn, **GOOD | {"git_url": url})
    assert list(refused.fields) == ["git_url"]
    assert str(refused).startswith("git_url: ")


@pytest.mark.parametrize("branch", ["-x", "a..b", "a b", "--upload-pack=id"])
def test_what_is_no_branch_is_refused(branch: str) -> None:
    assert list(refusal(RepositoryIn, **GOOD | {"git_branch": branch}).fields) == ["git_branch"]


@pytest.mark.parametrize("url", ["/srv/scripts", "heliograph:demo"])
def test_what_is_used_as_it_is_needs_no_branch(url: str) -> None:
    assert read(RepositoryIn, name="r", git_url=url).git_branch == ""


def test_a_file_url_needs_one() -> None:
    refused = refusal(RepositoryIn, name="r", git_url="file:///srv/r")
    assert str(refused) == "repository branch can't be empty"


def test_an_address_without_a_path_is_kept() -> None:
    """It is the example of the published document; a run says what is missing."""
    assert read(RepositoryIn, **GOOD | {"git_url": "git@example.com"}).git_url == "git@example.com"
