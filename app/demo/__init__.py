"""The repository heliograph:demo, made from the files beside this one: no network, no key."""

from pathlib import Path

from app.lib.git_urls import PACKAGED

URL = PACKAGED
BRANCH = "main"
SCRIPTS = ("hello.sh", "fail.sh", "big-log.sh", "countdown.sh")
PLAYBOOKS = ("system.yml",)
_WHO = b"Heliograph <demo@heliograph.invalid> 1764547200 +0000"
_MESSAGE = b"Scripts of the demo project\n"
_HERE = Path(__file__).parent


def history() -> bytes:
    """The repository as a stream for `git fast-import`: one commit, equal on every machine."""
    parts = [
        b"commit refs/heads/%s\n" % BRANCH.encode(),
        b"author %s\ncommitter %s\n" % (_WHO, _WHO),
        _data(_MESSAGE),
    ]
    for name in ("README.md", *PLAYBOOKS, *SCRIPTS):
        mode = b"100755" if name in SCRIPTS else b"100644"
        parts += [b"M %s inline %s\n" % (mode, name.encode()), _data((_HERE / name).read_bytes())]
    return b"".join([*parts, b"done\n"])


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)
