"""The keys of a server are found as ssh shows them."""

import socket
import threading
from collections.abc import Iterator

import pytest

from app.lib.host_scan import NoServer, scan
from tests.lib.ssh_servers import ssh_server, two_keys


def never() -> None:
    """Nothing ends the scan."""


def test_every_kind_of_key_is_found_with_its_fingerprint() -> None:
    keys = two_keys()
    with ssh_server(*keys) as port:
        found = scan("127.0.0.1", port, never)
    assert [(key.type, key.key) for key in found] == [
        (key.get_name(), key.get_base64()) for key in keys
    ]
    assert [key.fingerprint for key in found] == [key.fingerprint for key in keys]


def test_a_port_where_nobody_listens_is_named(port) -> None:
    number = port()
    with pytest.raises(NoServer, match=f"127.0.0.1 accepts no connections at port {number}"):
        scan("127.0.0.1", number, never)


def test_a_host_without_an_address_is_named() -> None:
    with pytest.raises(NoServer, match=r"There is no host nowhere\.invalid"):
        scan("nowhere.invalid", 22, never)


@pytest.fixture
def mute() -> Iterator[int]:
    """The port of a server that accepts connections and closes them without a word."""

    def serve() -> None:
        try:
            while True:
                listener.accept()[0].close()
        except OSError:
            return

    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=serve, daemon=True).start()
    yield listener.getsockname()[1]
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


def test_what_does_not_speak_ssh_is_named(mute: int) -> None:
    with pytest.raises(NoServer, match=r"does not speak ssh|closed the connection"):
        scan("127.0.0.1", mute, never)


def test_it_ends_when_its_time_is_over() -> None:
    def over() -> None:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        scan("127.0.0.1", 9, over)
