"""How git shows to a server who it is: with an agent that has the key, or a helper that is asked.

No credential is in an address, an argument, the environment or a file. A login and password lie in
a memory file that only git inherits; its helper reads it when a server asks.
"""

import os
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Self

from app.executors import keys, known_hosts
from app.executors.spec import Key, PreparationFailed, Reporter, RunSpec
from app.lib.git import GitSettings, ssh_command
from app.lib.git_errors import AuthRefused
from app.lib.git_urls import GitUrl, UrlKind

WEB = (UrlKind.HTTPS, UrlKind.HTTP)
# git calls it with get, store or erase; the number of the descriptor stands in place of {}.
_HELPER = '!f() {{ test "$1" = get && cat /dev/fd/{}; }}; f'


class GitAccess:
    """The key of a run's repository, made ready; a context manager that destroys it."""

    def __init__(self, spec: RunSpec, reporter: Reporter) -> None:
        self._spec, self._reporter = spec, reporter
        self._closing = ExitStack()
        self._key = spec.repository.access or Key(0, "None", "none")
        self._host = ""  # of the repository; no other one is told a password
        self._installed = keys.AccessKeyInstallation()
        self._memory: int | None = None
        self._known: Path | None = None

    def open(self, url: GitUrl) -> Self:
        """Raises an InstallError for a key that cannot be used."""
        self._host = url.host
        self._installed = self._closing.enter_context(keys.install(self._key, keys.GIT))
        if self._key.type == "ssh" and url.kind in WEB:
            self._reporter.line(
                f'Warning: key "{self._key.name}" is for ssh; {url.host} is asked without it'
            )
        if self._key.type == "login_password" and url.kind is UrlKind.SSH:
            self._reporter.line(
                f'Warning: key "{self._key.name}" is a password, which ssh does not use'
            )
        return self

    def close(self) -> None:
        self._closing.close()

    def settings(self, base: GitSettings, url: GitUrl) -> GitSettings:
        """How git is started to reach this address."""
        if url.kind is UrlKind.SSH:
            return replace(base, ssh=self._ssh("" if url.user else self._installed.login))
        if url.kind in WEB and url.host == self._host and self._key.type == "login_password":
            handle = self._credential()
            helper = f"credential.{url.kind}://{url.host}.helper={_HELPER.format(handle)}"
            return replace(base, options=(helper,), handles=(handle,))
        return base

    def _ssh(self, login: str) -> str:
        if self._known is None:
            folder = tempfile.TemporaryDirectory(prefix="heliograph-git-")
            self._known = Path(self._closing.enter_context(folder)) / "known_hosts"
            known, spec = self._known, self._spec
            known_hosts.write(known, spec.host_keys)
            self._closing.callback(known_hosts.report_new, known, spec.host_keys, self._reporter)
        policy = self._spec.settings.host_keys
        return ssh_command(self._known, policy, self._installed.agent, login)

    def explain(self, error: AuthRefused, url: GitUrl) -> PreparationFailed:
        """Whom a server has refused, in words."""
        if self._key.type == "none":
            return PreparationFailed(
                f"{url.host} lets nobody read the repository without a key: choose one for it, or "
                "check the address"
            )
        return PreparationFailed(
            f'Key "{self._key.name}" was refused by {url.host}: it may not read this repository, '
            "or there is no such repository"
        )

    def _credential(self) -> int:
        """A descriptor of login and password as git's helpers tell them; each open reads anew."""
        if self._memory is None:
            self._memory = os.memfd_create("git-credential")
            self._closing.callback(os.close, self._memory)
            login, password = self._installed.login, self._installed.password
            # A token alone is the name of the user, as the original hands it over.
            name, secret = (login, password) if login else (password, "")
            os.write(self._memory, f"username={name}\npassword={secret}\n".encode())
        return self._memory
