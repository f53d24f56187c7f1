"""ssh as a run's tools start it: with the run's keys and known hosts, whatever they hand it."""

from contextlib import ExitStack
from pathlib import Path

from app.executors import keys, known_hosts, task_user
from app.executors.spec import Key, Reporter, RunSpec
from app.lib import scratch

SHORT = "/tmp"  # noqa: S108  a private directory in it
PROGRAMS = ("ssh", "scp", "sftp")  # they do not find each other on PATH: each gets a wrapper


class Ssh:
    """The ssh of one run: wrappers that stand first on PATH, and agents with the keys.

    A context manager. Configuration and known hosts lie in `folder`, the run's own, where no other
    task can change them. The sockets of shared connections lie in a directory with a short name,
    because a socket's name may be no longer than 107 bytes.
    """

    def __init__(self, spec: RunSpec, user: Key | None, reporter: Reporter, folder: Path) -> None:
        self._spec, self._user, self._reporter = spec, user, reporter
        self._known, self._config = folder / "known_hosts", folder / "ssh_config"
        self._closing = ExitStack()
        self.agent: Path | None = None
        self.password = ""

    def __enter__(self) -> "Ssh":
        """Raises an InstallError for a key that cannot be used."""
        try:
            self._open()
        except BaseException:
            self._closing.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        known_hosts.report_new(self._known, self._spec.host_keys, self._reporter)
        self._closing.close()

    def write_programs(self, folder: Path) -> None:
        """Put the wrappers into a directory that will stand first on PATH."""
        for name in PROGRAMS:
            program = folder / name
            program.write_text(f'#!/bin/sh\nexec /usr/bin/{name} -F "{self._config}" "$@"\n')
            program.chmod(0o700)

    def environment(self) -> dict[str, str]:
        """What ansible and ssh have to know besides."""
        found = {"ANSIBLE_SSH_CONTROL_PATH_DIR": self._sockets}
        if self._spec.settings.host_keys == "no":
            found["ANSIBLE_HOST_KEY_CHECKING"] = "False"
        if self.agent:
            found["SSH_AUTH_SOCK"] = str(self.agent)
        return found

    def _open(self) -> None:
        self._sockets = self._closing.enter_context(scratch.directory("ssh", SHORT))
        known_hosts.write(self._known, self._spec.host_keys)
        installed = self._closing.enter_context(keys.install(self._user, keys.USER))
        self.agent, self.password = installed.agent, installed.password
        self._hand_over(Path(self._sockets), installed.agent)
        self._config.touch(mode=0o600)
        self._config.write_text("\n".join((*self._mapped(), *self._everywhere(), "")))

    def _hand_over(self, *paths: Path | None) -> None:
        """Where tasks have a user of their own, let him reach sockets and agents."""
        user = task_user.find(self._spec.settings.isolation.user)
        for path in paths if user else ():
            if user and path:
                own = path if path.is_dir() else path.parent
                user.let_through(own, self._spec.settings.data_dir.resolve())
                user.own(own)

    def _mapped(self) -> list[str]:
        """The keys of single hosts; a server is offered only the key that is meant for it."""
        lines = []
        for one in self._spec.host_configs:
            if one.type == "host" and one.key.type == "ssh":
                installed = self._closing.enter_context(keys.install(one.key, keys.USER))
                self._hand_over(installed.agent)
                lines += [f"Host {one.host}", f"  IdentityAgent {installed.agent}"]
                lines += [f"  User {one.key.login}"] if one.key.login else []
        return lines

    def _everywhere(self) -> list[str]:
        return [
            "Host *",
            f"  IdentityAgent {self.agent or 'SSH_AUTH_SOCK'}",
            f"  StrictHostKeyChecking {self._spec.settings.host_keys}",
            f"  UserKnownHostsFile {self._known}",
            "  HashKnownHosts no",
            "  Include /etc/ssh/ssh_config",
        ]
