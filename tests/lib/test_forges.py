"""Links to commits: at forges that are known, of addresses that are theirs."""

import pytest

from app.lib.forges import commit_page

HASH = "a1b2c3d4" * 5


@pytest.mark.parametrize(
    ("url", "page"),
    [
        ("https://github.com/ann/app.git", f"https://github.com/ann/app/commit/{HASH}"),
        ("git@github.com:ann/app.git", f"https://github.com/ann/app/commit/{HASH}"),
        ("ssh://git@codeberg.org/ann/app", f"https://codeberg.org/ann/app/commit/{HASH}"),
        ("https://gitlab.com/a/b/c.git", f"https://gitlab.com/a/b/c/-/commit/{HASH}"),
        ("https://ann:pw@bitbucket.org/a/b", f"https://bitbucket.org/a/b/commits/{HASH}"),
    ],
)
def test_a_known_forge_has_a_page(url: str, page: str) -> None:
    assert commit_page(url, HASH) == page


@pytest.mark.parametrize(
    "url",
    [
        "https://git.example.test/ann/app.git", "file:///srv/github.com/app", "/srv/app",
        "https://github.com.evil.test/ann/app", "https://evil.test/@github.com/ann/app",
        "git@github.com:app", "https://github.com/../x",
    ],
)  # fmt: skip
def test_whatever_else_has_none(url: str) -> None:
    assert commit_page(url, HASH) == ""


def test_what_is_no_hash_has_none() -> None:
    assert commit_page("https://github.com/a/b", "main/../x") == ""
