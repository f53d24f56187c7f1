"""An ssh server that lets in whoever knows a password, and runs what it is asked to."""

import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import paramiko


@dataclass
class PasswordServer:
    port: int
    logins: list[tuple[str, str]] = field(default_factory=list)  # that were shown to it


class _Session(paramiko.ServerInterface):
    def __init__(self, known: tuple[str, str], server: PasswordServer) -> None:
        self._known, self._server = known, server

    def get_allowed_auths(self, username: str) -> str:
        return "password"

    def check_auth_password(self, username: str, password: str) -> int:
        self._server.logins.append((username, password))
        fits = (username, password) == self._known
        return paramiko.AUTH_SUCCESSFUL if fits else paramiko.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED

    def check_channel_pty_request(self, *_: object) -> bool:
        return True

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        threading.Thread(target=_execute, args=(channel, command), daemon=True).start()
        return True


def _execute(channel: paramiko.Channel, command: bytes) -> None:
    done = subprocess.run(["sh", "-c", command], capture_output=True, check=False)
    channel.sendall(done.stdout)
    channel.sendall_stderr(done.stderr)
    channel.send_exit_status(done.returncode)
    channel.close()


@contextmanager
def password_server(login: str, password: str) -> Iterator[PasswordServer]:
    """Serve on a free port of loopback until the block ends."""
    host_key = paramiko.RSAKey.generate(2048)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = PasswordServer(listener.getsockname()[1])
        transports: list[paramiko.Transport] = []

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:  # the block has ended
                    return
                transport = paramiko.Transport(connection)
                transport.add_server_key(host_key)
                transport.start_server(server=_Session((login, password), server))
                transports.append(transport)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield server
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
        for transport in transports:
            transport.close()
