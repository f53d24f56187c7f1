import re
import subprocess

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.lib.git_urls import (
    BadRef,
    BadUrl,
    UrlKind,
    check_commit,
    check_ref,
    join_url,
    parse_url,
)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("https://github.com/o/r.git", UrlKind.HTTPS),
        ("https://git.example.test:8443/o/r?x=1", UrlKind.HTTPS),
        ("https://dev.azure.com/o/_git/r@1", UrlKind.HTTPS),
        ("https://[::1]:8443/r", UrlKind.HTTPS),
        ("http://intranet/r.git", UrlKind.HTTP),
        ("ssh://git@example.test:2222/~me/r", UrlKind.SSH),
        ("git@github.com:o/r.git", UrlKind.SSH),
        ("build_host:r", UrlKind.SSH),
        ("git@heliograph:demo", UrlKind.SSH),
        ("git@[fe80::1]:r", UrlKind.SSH),
        ("git://example.test/r", UrlKind.GIT),
        ("file:///srv/my repo", UrlKind.FILE),
        ("/srv/repo", UrlKind.LOCAL),
        ("heliograph:demo", UrlKind.PACKAGED),
    ],
)
def test_it_knows_how_a_repository_is_reached(text, kind):
    assert parse_url(text).kind is kind and parse_url(text).text == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        " https://example.test/r",
        "--upload-pack=touch /tmp/p",
        "-oProxyCommand=touch /tmp/p",
        "ext::sh -c touch% /tmp/p",
        "ext://sh",
        "fd::17",
        "a::b",
        "::b",
        "transport::https://example.test/r",
        "ssh://-oProxyCommand=touch/r",
        "ssh://%2doProxyCommand=touch/r",
        "ssh://git@-oProxyCommand=touch/r",
        "ssh://-x@example.test/r",
        "-x@example.test:r",
        "git@-oProxyCommand=touch:r",
        "git@example.test:-x",
        "https://example.test/r\nproxy = evil",
        "https://example.test/r\x00",
        "https://example.test/r%0a".replace("%0a", "\r"),
        "https://example.test",
        "https:///r",
        "https://user:secret@example.test/r",
        "https://user%3asecret@example.test/r",
        "https://a@b@example.test/r",
        "https://example.test:0/r",
        "https://example.test:99999/r",
        "ftp://example.test/r",
        "FILE:///etc",
        "javascript://example.test/r",
        "file://host/srv/r",
        "file://./r",
        "file:///srv/../etc",
        "file:///srv/%2e%2e/etc",
        "file:///srv/a%0ab",
        "/srv/../etc",
        "../etc",
        "./r",
        "r",
        "~/r",
        "C:/repo",
        "C:\\repo",
        "\\\\host\\share",
        "a:b@host:r",
        "heliograph:../../etc",
        "heliograph:",
        "heliograph:other",
        "https://example.test/" + "r" * 2000,
    ],
)
def test_it_refuses_what_git_would_take_for_something_else(text):
    with pytest.raises(BadUrl):
        parse_url(text)


def test_the_refusal_says_what_is_allowed():
    with pytest.raises(BadUrl, match=r"ext|“::”.*https://.*ssh://.*absolute path"):
        parse_url("ext::sh -c id")


@pytest.mark.parametrize(
    "text",
    [
        "https://user:secret@example.test/r",
        "https://user%3asecret@example.test/r",
        "https://ghp_TOKEN@example.test/r",
        "https://user:@example.test:8443/r",
        "http://user@example.test/r",
        "ssh://git:secret@example.test/r",
    ],
)
def test_credentials_in_the_address_have_their_own_answer(text):
    with pytest.raises(BadUrl, match=r"Credentials do not belong into the address.* as a key"):
        parse_url(text)


@given(st.text(alphabet=":/@-.~%aA0 \n\x00\\[]ext", max_size=24))
@example("/::")  # a path: git takes what is before "::" for a helper only if it is a word
def test_whatever_is_accepted_begins_with_no_dash_and_names_no_helper(text):
    try:
        url = parse_url(text)
    except BadUrl:
        return
    assert not url.text.startswith("-") and not re.match(r"[\w+.-]*::", url.text)
    assert url.text.isprintable()


def test_a_file_address_is_decoded_once_as_git_does():
    assert parse_url("file:///srv/a%20b%2520c").path == "/srv/a b%20c"


@pytest.mark.parametrize("scheme", ["http", "git"])
def test_what_is_not_encrypted_carries_a_warning(scheme):
    assert "encrypted" in parse_url(f"{scheme}://example.test/r").warning
    assert not parse_url("https://example.test/r").warning


@pytest.mark.parametrize(
    ("parent", "relative", "joined"),
    [
        ("https://example.test/o/r.git", "../lib.git", "https://example.test/o/lib.git"),
        ("https://example.test/o/r/", "./lib", "https://example.test/o/r/lib"),
        ("git@example.test:o/r", "../../lib", "git@example.test:lib"),
        ("git@example.test:r", "../lib", "git@example.test:lib"),
        ("file:///srv/r", "../lib", "file:///srv/lib"),
        ("/srv/r", "../lib", "file:///srv/lib"),
        ("https://example.test/r", "ssh://git@other.test/lib", "ssh://git@other.test/lib"),
        ("file:///srv/r", "/srv/lib", "file:///srv/lib"),
    ],
)
def test_a_submodule_is_found_from_its_parent(parent, relative, joined):
    assert join_url(parse_url(parent), relative).text == joined


@pytest.mark.parametrize(
    "text",
    [
        "file:///srv/secret",
        "/srv/secret",
        "ext::sh -c id",
        "-u./payload",
        "heliograph:demo",
        "../../../../etc",
        "",
        "https://example.test/r\n[core]",
    ],
)
def test_a_submodule_of_a_server_leads_to_no_file_and_no_program(text):
    with pytest.raises(BadUrl):
        join_url(parse_url("https://example.test/o/r"), text)


NAMES = [
    "main", "release/1.0", "feature/ä", "v1.2.3", "a.b", "a@b", "#7", "50%",
    "-x", "--output=/tmp/p", "-c core.sshCommand=x", "a..b", "a b", "a~1", "a^", "a:b", "a?",
    "a*", "a[b", "a\\b", "/a", "a/", "a//b", ".a", "a/.b", "a.lock", "a.lock/b", "a.", "@", "a@{b",
    "a\nb", "a\x7f", "HEAD", "",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_branch_is_what_git_says_is_one(name):
    known = subprocess.run(
        ["git", "check-ref-format", "--branch", name], capture_output=True, check=False
    )
    try:
        allowed = bool(check_ref(name))
    except BadRef:
        allowed = False
    assert allowed == (known.returncode == 0 and name != "@")


def test_a_branch_name_has_a_length_that_a_file_can_have():
    with pytest.raises(BadRef, match="255"):
        check_ref("b" * 256)


@pytest.mark.parametrize("text", ["9f2c", "9F2C1AB", "a" * 40, "b" * 64])
def test_a_commit_is_hexadecimal(text):
    assert check_commit(text) == text.lower()


@pytest.mark.parametrize("text", ["", "abc", "main", "-abcd", "abcd^", "abcd\n", "a" * 65])
def test_anything_else_is_no_commit(text):
    with pytest.raises(BadRef):
        check_commit(text)
