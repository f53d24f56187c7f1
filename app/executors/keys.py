"""Access keys of a run: made ready for one use, in memory only, and destroyed after it."""

import os
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Self

from app.executors.spec import Key, PreparationFailed
from app.lib import scratch
from app.lib.private_keys import NotAKey, PassphraseWrong, PrivateKey, read
from app.lib.process_tree import is_below
from app.lib.ssh_agent import SshAgent


class InstallError(PreparationFailed):
    """A key cannot be used for what it is meant for; raised before any tool starts."""


class KeyTypeRefused(InstallError):
    pass


class KeyEmpty(InstallError):
    pass


class KeyUnreadable(InstallError):
    pass


class KeyPassphraseWrong(InstallError):
    pass


class KeyUndecryptable(InstallError):
    pass


class AgentFailed(InstallError):
    pass


class Role(NamedTuple):
    """What a key is needed for, in words, and the types that will do."""

    title: str
    types: tuple[str, ...]
    needs_password: bool = False


GIT = Role("git credential", ("ssh", "login_password", "none"))
USER = Role("user credential", ("ssh", "login_password", "none"))
BECOME = Role("become credential", ("login_password", "none"))
VAULT = Role("vault password", ("login_password",), needs_password=True)


@dataclass
class AccessKeyInstallation:
    """A key that is ready: the socket of its agent, or login and password; of a key that asks for
    nothing neither. `destroy` it in the end; it is a context manager that does."""

    login: str = ""
    password: str = field(default="", repr=False)
    agent: Path | None = None
    _closing: ExitStack = field(default_factory=ExitStack, repr=False)

    def destroy(self) -> None:
        """Close the agent and forget the values."""
        self._closing.close()
        self.login, self.password, self.agent = "", "", None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.destroy()


def install(key: Key | None, role: Role) -> AccessKeyInstallation:
    """Make a key ready for a role. None stands for a key of type none. Raises an InstallError.

    The agent answers this process's descendants: git, and what a guardian has started.
    """
    key = key or Key(0, "None", "none")
    check(key, role)
    installed = AccessKeyInstallation(key.login, key.password)
    if key.type == "ssh":
        installed.agent = _start_agent(private_key(key), installed._closing)
    return installed


def check(key: Key, role: Role) -> None:
    """Raise an InstallError where the key cannot have this role."""
    if key.lost:
        raise KeyUndecryptable(
            f"Cannot decrypt {_named(key)}, perhaps the encryption key was changed "
            f"(key id {key.lost})"
        )
    if role.needs_password and key.type == "none":
        raise KeyEmpty(_empty(key))
    if key.type not in role.types:
        wanted = " or ".join(name for name in role.types if name != "none")
        raise KeyTypeRefused(
            f"K{_named(key)[1:]} is of type {key.type}; the {role.title} must be {wanted}"
        )
    if key.is_empty or (role.needs_password and not key.password):
        raise KeyEmpty(_empty(key))


def private_key(key: Key) -> PrivateKey:
    """The decrypted private key of a key of type ssh. Raises an InstallError."""
    try:
        return read(key.private_key, key.passphrase)
    except PassphraseWrong as error:
        raise KeyPassphraseWrong(f"The passphrase of {_named(key)} is wrong") from error
    except NotAKey as error:
        raise KeyUnreadable(f"K{_named(key)[1:]} is not a private key that can be read") from error


def _named(key: Key) -> str:
    return f'key "{key.name}"'


def _empty(key: Key) -> str:
    return f"K{_named(key)[1:]} has no secret; fill it in under Keys"


def _start_agent(key: PrivateKey, closing: ExitStack) -> Path:
    own = os.getpid()
    try:
        # A socket's name may be no longer than 107 bytes: the run's own folder may lie deeper.
        directory = closing.enter_context(scratch.directory("agent"))
        agent = SshAgent(Path(directory), [key], lambda pid: is_below(pid, own))
        return closing.enter_context(agent).path
    except OSError as error:
        closing.close()
        raise AgentFailed(f"The ssh agent did not start: {error.strerror or error}") from error
