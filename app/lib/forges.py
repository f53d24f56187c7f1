"""Pages of commits at the forges that everybody knows."""

import re

_COMMIT = {
    "github.com": "commit/{}",
    "gitlab.com": "-/commit/{}",
    "codeberg.org": "commit/{}",
    "gitea.com": "commit/{}",
    "bitbucket.org": "commits/{}",
}
_ADDRESS = re.compile(
    r"(?:https?://(?:[^@/\s]*@)?|ssh://git@|git@)(?P<host>[a-z.]+)(?:[:/])(?P<path>[\w.~/-]+)"
)
_HASH = re.compile(r"[0-9a-f]{7,64}")


def commit_page(url: str, commit: str) -> str:
    """The address of a commit's page; "" where the host of the repository is none we know."""
    found = _ADDRESS.fullmatch(url)
    if not found or found["host"] not in _COMMIT or not _HASH.fullmatch(commit):
        return ""
    path = found["path"].removesuffix("/").removesuffix(".git")
    if path.count("/") < 1 or "//" in path or path.startswith((".", "/")):
        return ""
    return f"https://{found['host']}/{path}/{_COMMIT[found['host']].format(commit)}"
