"""Real repositories for tests, made with the system's git and nothing of ours."""

import os
import subprocess
from pathlib import Path

from app.lib.git_urls import GitUrl, parse_url

_ENV = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_AUTHOR_NAME": "Ann",
    "GIT_AUTHOR_EMAIL": "ann@example.test",
    "GIT_COMMITTER_NAME": "Ann",
    "GIT_COMMITTER_EMAIL": "ann@example.test",
}


class Source:
    """A repository that somebody else owns, on branch main."""

    def __init__(self, path: Path) -> None:
        self.path = path
        subprocess.run(["git", "init", "-q", "-b", "main", path], check=True, env=_ENV)

    @property
    def url(self) -> GitUrl:
        return parse_url(f"file://{self.path}")

    def git(self, *words: str) -> str:
        """git in the working tree; submodules may come from files here."""
        argv = ["git", "-c", "protocol.file.allow=always", *words]
        done = subprocess.run(argv, check=True, env=_ENV, cwd=self.path, capture_output=True)
        return done.stdout.decode().strip()

    def write(self, name: str, text: str = "", mode: int = 0o644) -> Path:
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(mode)
        return file

    def commit(self, message: str = "Change") -> str:
        """Commit everything; returns the hash."""
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")


def source(path: Path, **files: str) -> Source:
    """A repository with one commit: source(path, hello="echo hi") has a script hello.sh."""
    made = Source(path)
    for name, text in (files or {"hello": "echo hello"}).items():
        made.write(f"{name}.sh", text)
    made.commit("First")
    return made


def tree(directory: Path) -> set[str]:
    """Everything below a directory but the top `.git`, as relative paths."""
    found = (path.relative_to(directory) for path in directory.rglob("*"))
    return {str(path) for path in found if path.parts[0] != ".git"}
