"""A repository, its mirror and one checkout."""

import subprocess

from app.lib.git import GitSettings
from app.lib.git_checkout import Checkout
from app.lib.git_mirror import Mirror
from tests.lib.git_repos import source, tree


class Bench:
    """A repository, its mirror and one checkout, with what an attacker would touch."""

    def __init__(self, tmp_path):
        self.canary = tmp_path / "canary"
        self.program = tmp_path / "program"
        self.program.write_text(f"#!/bin/sh\ntouch {self.canary}\ncat\n")
        self.program.chmod(0o755)
        self.origin = source(tmp_path / "origin")
        self.origin.write("run.sh", "echo run", 0o755)
        self.origin.write("sub/deep/file", "content")
        (self.origin.path / "link").symlink_to("run.sh")
        self.origin.write(".gitignore", "*.log")
        self.commit = self.origin.commit("Second")
        self.mirror = Mirror(tmp_path / "mirror", self.origin.url, GitSettings())
        self.mirror.refresh()
        self.path = tmp_path / "w" / "checkout"
        self.path.parent.mkdir()
        self.checkout = Checkout(self.path, tmp_path / "w.kept", GitSettings())
        self.bring()

    def bring(self, commit=""):
        self.checkout.bring_to(self.mirror, commit or self.commit)

    def next_run_is_clean(self):
        """The same commit again: exactly its files, and nothing of the attacker's was run."""
        self.bring()
        assert tree(self.path) == tree(self.origin.path)
        assert status(self.path) == ""
        assert not self.canary.exists()


def status(path):
    words = ["status", "--porcelain", "--ignored", "--untracked-files=all"]
    return subprocess.check_output(["git", *words], cwd=path, text=True)
