"""TLS in front of a server that has none, with a certificate that nobody has signed.

python -m tests.lib.tls SOCKET PORT CERTIFICATE KEY: in a process of its own, since it has threads.
"""

import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def in_front_of(port: int, folder: Path) -> Iterator[int]:
    """The port of this machine where TLS is spoken with what listens at `port`."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        given = [listener.fileno(), port, *_certificate(folder)]
        command = [sys.executable, "-m", "tests.lib.tls", *map(str, given)]
        process = subprocess.Popen(command, pass_fds=[listener.fileno()])
        try:
            yield listener.getsockname()[1]
        finally:
            process.kill()
            process.wait()


def _certificate(folder: Path) -> tuple[Path, Path]:
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=localhost", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    return certificate, key


def _serve(listener: socket.socket, context: ssl.SSLContext, port: int) -> None:
    while True:
        client, _ = listener.accept()
        threading.Thread(target=_join, args=(client, context, port), daemon=True).start()


def _join(client: socket.socket, context: ssl.SSLContext, port: int) -> None:
    """One question and its answer at a time, as clients of Redis talk."""
    with (
        suppress(OSError),
        context.wrap_socket(client, server_side=True) as outer,
        socket.create_connection(("127.0.0.1", port)) as inner,
    ):
        while asked := outer.recv(65536):
            inner.sendall(asked)
            outer.sendall(inner.recv(65536))


if __name__ == "__main__":
    descriptor, inner_port, *files = sys.argv[1:]
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(*files)
    _serve(socket.socket(fileno=int(descriptor)), server_side, int(inner_port))
