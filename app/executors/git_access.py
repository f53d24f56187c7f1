"""How git shows to a server who it is: with an agent that has the key, or a helper that is asked.

No credential is in an address, an argument, the environment or a file. A login and password lie in
a memory file that only git inherits; its helper reads it when a server asks.
"""

import os
import re
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Self
from urllib.parse import quote

from app.executors import keys, known_hosts
from app.executors.spec import Key, PreparationFailed, Reporter, RunSpec
from app.lib import scratch
from app.lib.git import GitSettings, ssh_command
from app.lib.git_errors import AuthRefused
from app.lib.git_urls import GitUrl, UrlKind, parse_url

WEB = (UrlKind.HTTPS, UrlKind.HTTP)
NONE = Key(0, "None", "none")
# git calls it with get, store or erase; the number of the descriptor stands in place of {}.
_HELPER = '!f() {{ test "$1" = get && cat /dev/fd/{}; }}; f'


class GitAccess:
    """The keys of a run's repository and its submodules, made ready; a context manager that
    destroys them.

    The repository's own key comes first. Where it is None, and for submodules, the project's host
    mappings decide: the longest address that a repository lies below, else the host of ssh.
    """

    def __init__(self, spec: RunSpec, reporter: Reporter) -> None:
        self._spec, self._reporter = spec, reporter
        self._closing = ExitStack()
        self._own = spec.repository.access or NONE
        self._url: GitUrl | None = None  # of the repository
        self._ready: dict[int, keys.AccessKeyInstallation] = {}
        self._known: Path | None = None

    def open(self, url: GitUrl) -> Self:
        """Raises an InstallError for a key that cannot be used."""
        self._url = url
        key = self._key_for(url)
        self._install(key)
        if key.type == "ssh" and self.reached(url).kind in WEB:
            self._reporter.line(
                f'Warning: key "{key.name}" is for ssh; {url.host} is asked without it'
            )
        if key.type == "login_password" and url.kind is UrlKind.SSH:
            self._reporter.line(f'Warning: key "{key.name}" is a password, which ssh does not use')
        return self

    def close(self) -> None:
        self._closing.close()

    def reached(self, url: GitUrl) -> GitUrl:
        """The address that git is given: a web address that is mapped to an ssh key becomes one
        of ssh, as git's own insteadOf makes it."""
        key = self._mapped(url)
        if not key or key is not self._key_for(url) or key.type != "ssh" or url.kind not in WEB:
            return url
        rest = url.text.partition("://")[2].partition("/")[2]
        return parse_url(f"ssh://{quote(key.login or 'git')}@{_name(url)}/{rest}")

    def settings(self, base: GitSettings, url: GitUrl) -> GitSettings:
        """How git is started to reach this address. Raises an InstallError."""
        key, reached = self._key_for(url), self.reached(url)
        if reached.kind is UrlKind.SSH:
            installed = self._install(key)
            login = "" if reached.user else installed.login
            return replace(base, ssh=self._ssh(installed.agent, login))
        if url.kind in WEB and key.type == "login_password":
            handle = self._credential(self._install(key))
            helper = f"credential.{url.kind}://{url.host}.helper={_HELPER.format(handle)}"
            return replace(base, options=(helper,), handles=(handle,))
        return base

    def explain(self, error: AuthRefused, url: GitUrl) -> PreparationFailed:
        """Whom a server has refused, in words."""
        key = self._key_for(url)
        if key.type == "none":
            return PreparationFailed(
                f"{url.host} lets nobody read the repository without a key: choose one for it, or "
                "check the address"
            )
        return PreparationFailed(
            f'Key "{key.name}" was refused by {url.host}: it may not read this repository, '
            "or there is no such repository"
        )

    def _key_for(self, url: GitUrl) -> Key:
        """No server is told a password that is for another one."""
        mapped = self._mapped(url)
        if mapped and (self._own.type == "none" or url != self._url):
            return mapped
        is_own = self._url is not None and url.host == self._url.host
        return self._own if is_own or url.kind is UrlKind.SSH else NONE

    def _mapped(self, url: GitUrl) -> Key | None:
        mapped = self._spec.host_configs
        above = [m for m in mapped if m.type == "url" and _is_below(url.text, m.host)]
        if above:
            return max(above, key=lambda one: len(one.host)).key
        name = _name(url).lower() if url.kind is UrlKind.SSH else ""
        hosts = (m for m in mapped if m.type == "host" and m.host.lower() == name)
        return next((one.key for one in hosts), None)

    def _install(self, key: Key) -> keys.AccessKeyInstallation:
        if key.id not in self._ready:
            self._ready[key.id] = self._closing.enter_context(keys.install(key, keys.GIT))
        return self._ready[key.id]

    def _ssh(self, agent: Path | None, login: str) -> str:
        if self._known is None:
            folder = self._closing.enter_context(scratch.directory("git"))
            self._known = Path(folder) / "known_hosts"
            known, spec = self._known, self._spec
            known_hosts.write(known, spec.host_keys)
            self._closing.callback(known_hosts.report_new, known, spec.host_keys, self._reporter)
        return ssh_command(self._known, self._spec.settings.host_keys, agent, login)

    def _credential(self, installed: keys.AccessKeyInstallation) -> int:
        """A descriptor of login and password as git's helpers tell them; each open reads anew."""
        memory = os.memfd_create("git-credential")
        self._closing.callback(os.close, memory)
        login, password = installed.login, installed.password
        # A token alone is the name of the user, as the original hands it over.
        name, secret = (login, password) if login else (password, "")
        os.write(memory, f"username={name}\npassword={secret}\n".encode())
        return memory


def _name(url: GitUrl) -> str:
    """The server without its port."""
    return re.sub(r":\d+$", "", url.host)


def _is_below(address: str, top: str) -> bool:
    """Whether it is that address or one below it."""
    return f"{_comparable(address)}/".startswith(f"{_comparable(top)}/")


def _comparable(address: str) -> str:
    """Schemes and hosts mean the same in any case; paths do not."""
    scheme, _, rest = address.rstrip("/").partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host}".lower() + slash + path
