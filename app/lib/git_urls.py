"""What may be given to git as a repository, a branch or a commit. Nothing here starts a program."""

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote

ALLOWED = (
    "https://…, ssh://…, git@host:path, git://…, file:///…, http://… (not encrypted) "
    "or an absolute path"
)
PACKAGED = "heliograph:demo"
MAX_URL = 2000

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(.*)", re.DOTALL)
_HELPER = re.compile(r"[A-Za-z0-9][A-Za-z0-9+.-]*::|::")
_HOST = r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9][A-Za-z0-9._-]*)"
_USER = r"(?:(?P<user>[A-Za-z0-9_.+~][^@/\s]*)@)?"
_AUTHORITY = re.compile(rf"{_USER}{_HOST}(?::(?P<port>\d{{1,5}}))?(?P<path>/[^\s]*)")
_SHORT_SSH = re.compile(
    rf"(?:(?P<user>[A-Za-z0-9_.+~][A-Za-z0-9_.+~-]*)@)?{_HOST}:(?P<path>[^:\s-][^\s]*)"
)
_BAD_IN_REF = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//")
_COMMIT = re.compile(r"[0-9a-fA-F]{4,64}")


class UrlKind(StrEnum):
    """How a repository is reached. LOCAL is used in place; PACKAGED comes with the program."""

    HTTPS = "https"
    HTTP = "http"
    SSH = "ssh"
    GIT = "git"
    FILE = "file"
    LOCAL = "local"
    PACKAGED = "packaged"


class BadUrl(ValueError):
    """The text is no repository address that may be used; the message says what is allowed."""


class BadRef(ValueError):
    """The text cannot be the name of a branch, tag or commit; the message says why."""


@dataclass(frozen=True)
class GitUrl:
    """A checked address. `path` is the directory on this machine (FILE, LOCAL), else ""."""

    kind: UrlKind
    text: str
    path: str = ""

    @property
    def user(self) -> str:
        """The account in an address of ssh, or ""."""
        found = self._authority
        return unquote(found["user"] or "") if found else ""

    @property
    def host(self) -> str:
        """The server, with its port if the address has one; "" for a directory."""
        found = self._authority
        port = found["port"] if found and "port" in found.groupdict() else None
        return (found["host"] if found else "") + (f":{port}" if port else "")

    @property
    def _authority(self) -> re.Match[str] | None:
        if self.kind in (UrlKind.FILE, UrlKind.LOCAL, UrlKind.PACKAGED):
            return None
        if scheme := _SCHEME.fullmatch(self.text):
            return _AUTHORITY.fullmatch(scheme[2])
        return _SHORT_SSH.fullmatch(self.text)

    @property
    def warning(self) -> str:
        """What a user should know before relying on it, or ""."""
        if self.kind is UrlKind.HTTP:
            return "http:// is not encrypted: what it delivers can be changed on the way"
        if self.kind is UrlKind.GIT:
            return "git:// is neither encrypted nor authenticated"
        return ""


def parse_url(text: str) -> GitUrl:
    """Check a repository's address; BadUrl where git would do anything but fetch from it."""
    _check_characters(text)
    if text == PACKAGED:
        return GitUrl(UrlKind.PACKAGED, text)
    if text.startswith(PACKAGED.removesuffix("demo")):
        raise BadUrl(f"The only repository that comes with the program is {PACKAGED}")
    if _HELPER.match(text):
        raise BadUrl(f"Addresses with “::” make git run programs. Allowed: {ALLOWED}")
    if found := _SCHEME.fullmatch(text):
        return _with_scheme(text, found[1], found[2])
    if text.startswith("/"):
        return GitUrl(UrlKind.LOCAL, text, _directory(text))
    return _short_ssh(text)


def _check_characters(text: str) -> None:
    if not text or text != text.strip():
        raise BadUrl(f"Give the repository's address without blanks around it: {ALLOWED}")
    if _CONTROL.search(text) or len(text) > MAX_URL:
        raise BadUrl(f"An address has no line breaks or control characters and ≤ {MAX_URL} signs")
    if text.startswith("-"):
        raise BadUrl(f"An address cannot begin with “-”. Allowed: {ALLOWED}")


def _with_scheme(text: str, scheme: str, rest: str) -> GitUrl:
    if scheme == "file":
        return GitUrl(UrlKind.FILE, text, _directory(unquote(rest)))
    if scheme not in ("https", "http", "ssh", "git"):
        raise BadUrl(f"“{scheme}://” is not allowed. Allowed: {ALLOWED}")
    # git decodes %xx before it connects: what it will see is what must be harmless.
    decoded = unquote(rest)
    found = _AUTHORITY.fullmatch(rest)
    if not found or not _AUTHORITY.fullmatch(decoded) or _CONTROL.search(decoded):
        raise BadUrl(f"“{scheme}://” needs a host name and a path, as in {scheme}://host/path")
    _check_authority(scheme, found)
    return GitUrl(UrlKind(scheme), text)


def _check_authority(scheme: str, found: re.Match[str]) -> None:
    """Over HTTP a name alone may be a token; over SSH it is an account, which is no secret."""
    user = unquote(found["user"] or "")
    if ":" in user or (user and scheme in ("https", "http")):
        raise BadUrl(
            f"Credentials do not belong into the address: write {scheme}://host/path, store them "
            "as a key and choose that"
        )
    if found["port"] and not 1 <= int(found["port"]) <= 65535:
        raise BadUrl("The port must be between 1 and 65535")


def _directory(path: str) -> str:
    """An absolute path as git will open it."""
    if not path.startswith("/") or _CONTROL.search(path):
        raise BadUrl("A directory needs an absolute path: /srv/repo or file:///srv/repo")
    if ".." in path.split("/"):
        raise BadUrl("A path cannot contain “..”")
    return path


def _short_ssh(text: str) -> GitUrl:
    found = _SHORT_SSH.fullmatch(text)
    if not found or "\\" in text or len(found["host"]) == 1:
        raise BadUrl(f"This is no repository address. Allowed: {ALLOWED}")
    return GitUrl(UrlKind.SSH, text)


def join_url(parent: GitUrl, text: str) -> GitUrl:
    """A submodule's address: its own, or relative to its parent's, as git resolves it.

    Directories of this machine are allowed only where the parent is one as well.
    """
    if text.startswith(("./", "../")):
        text = _climb(parent.text.rstrip("/"), text)
    url = parse_url(text)
    here = (UrlKind.FILE, UrlKind.LOCAL)
    if url.kind is UrlKind.PACKAGED or (url.kind in here and parent.kind not in here):
        raise BadUrl(f"Submodule {text} may not point to a directory of this machine")
    return GitUrl(UrlKind.FILE, f"file://{url.path}", url.path) if url.kind in here else url


def _climb(base: str, relative: str) -> str:
    while relative.startswith(("./", "../")):
        if relative.startswith("../"):
            cut = max(base.rfind("/"), base.rfind(":"))
            if cut < 0 or base[:cut].endswith("/"):
                raise BadUrl("A submodule's relative address leads above its server")
            base = base[: cut + (base[cut] == ":")]
        relative = relative.split("/", 1)[1]
    return f"{base}{'' if base.endswith(':') else '/'}{relative}"


def check_ref(name: str) -> str:
    """The name of a branch or tag by git's own rules (check-ref-format), or BadRef."""
    if not name:
        raise BadRef("The branch is missing")
    if reason := _flaw_in_ref(name):
        raise BadRef(f"Branch {name!r} {reason}")
    return name


def _flaw_in_ref(name: str) -> str:
    if name.startswith("-"):
        return "cannot begin with “-”"
    if found := _BAD_IN_REF.search(name):
        return f"cannot contain {found[0]!r}"
    if len(name.encode()) > 255:
        return "is longer than 255 bytes"
    if name in ("@", "HEAD") or name.endswith(".") or name != name.strip("/"):
        return "is not a name that git allows"
    if any(part.startswith(".") or part.endswith(".lock") for part in name.split("/")):
        return "has a part that begins with “.” or ends with “.lock”"
    return ""


def check_commit(text: str) -> str:
    """A commit's hash, whole or its first 4 digits and more, in lower case; or BadRef."""
    if not _COMMIT.fullmatch(text):
        raise BadRef(f"{text!r} is no commit: give 4 to 64 hexadecimal digits")
    return text.lower()
