"""A web server with TLS that asks for a login: files as they are, repositories by git's program."""

import base64
import os
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

BACKEND = "/usr/lib/git-core/git-http-backend"


@dataclass
class GitServer:
    """`ca` is the file of the authority that clients must trust."""

    url: str
    ca: Path
    logins: list[tuple[str, str]] = field(default_factory=list)  # that were shown to it


@contextmanager
def git_server(root: Path, folder: Path, login: str, password: str) -> Iterator[GitServer]:
    """Serve the repositories below `root` on a free port to whoever knows login and password."""
    ca = _certificate(folder)
    handler = type("Handler", (_Handler,), {"root": root, "known": (login, password)})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(ca, folder / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.seen = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        url = f"https://127.0.0.1:{server.server_port}"
        yield GitServer(url, ca, server.seen)  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _certificate(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    command = [
        "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
        "-keyout", str(folder / "key.pem"), "-out", str(folder / "ca.pem"),
        "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    return folder / "ca.pem"


class _Handler(BaseHTTPRequestHandler):
    root: Path
    known: tuple[str, str]

    def do_GET(self) -> None:
        self._serve(b"")

    def do_POST(self) -> None:
        self._serve(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def log_message(self, *_: object) -> None:
        pass

    def _serve(self, body: bytes) -> None:
        header = self.headers.get("Authorization", "").removeprefix("Basic ")
        login, _, password = base64.b64decode(header).decode().partition(":")
        if header:
            self.server.seen.append((login, password))  # type: ignore[attr-defined]
        file = self.root / self.path.removeprefix("/")
        if (login, password) == self.known and file.is_file():
            self._send(200, {}, file.read_bytes())
        elif (login, password) == self.known:
            self._answer(_backend(self.root, self, body))
        else:
            self._send(401, {"WWW-Authenticate": 'Basic realm="git"'}, b"")

    def _answer(self, output: bytes) -> None:
        head, _, content = output.partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        self._send(int(fields.pop("Status", "200").split()[0]), fields, content)

    def _send(self, status: int, fields: dict[str, str], content: bytes) -> None:
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def _backend(root: Path, request: BaseHTTPRequestHandler, body: bytes) -> bytes:
    path, _, query = request.path.partition("?")
    env = {
        "PATH": os.environ["PATH"],
        "GIT_PROJECT_ROOT": str(root),
        "GIT_HTTP_EXPORT_ALL": "1",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": "*",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "REQUEST_METHOD": request.command,
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "HTTP_CONTENT_ENCODING": request.headers.get("Content-Encoding", ""),
        "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
    }
    return subprocess.run([BACKEND], env=env, input=body, stdout=subprocess.PIPE, check=True).stdout
