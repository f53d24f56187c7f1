import pytest

from app.errors import Invalid
from app.models import Project
from app.schemas.host_keys import HostKeyIn
from app.services import host_keys
from tests import factories
from tests.factories import PUBLIC_KEY

OTHER_KEY = PUBLIC_KEY[:-4] + "AAAA"


def lines(*texts: str) -> HostKeyIn:
    return HostKeyIn(lines="\n".join(texts))


def test_each_name_of_a_line_is_pinned(project: Project) -> None:
    pinned = host_keys.pin(
        project, lines(f"Web1,10.0.0.1,[::1]:22 ssh-ed25519 {PUBLIC_KEY}"), actor=None
    )
    assert [(row.host, row.port) for row in pinned] == [("web1", 22), ("10.0.0.1", 22), ("::1", 22)]
    assert host_keys.list_for(project) == sorted(pinned, key=lambda row: row.host)


def test_the_same_line_twice_changes_nothing(project: Project) -> None:
    line = f"web1 ssh-ed25519 {PUBLIC_KEY}"
    first = host_keys.pin(project, lines(line, line), actor=None)
    assert host_keys.pin(project, lines(line), actor=None) == first
    assert len(host_keys.list_for(project)) == 1


@pytest.mark.parametrize("known_before", [True, False])
def test_another_key_of_a_host_is_refused(project: Project, known_before: bool) -> None:
    if known_before:
        factories.host_key(project, "web1")
    with pytest.raises(Invalid, match="web1 is known by another key of type ssh-ed25519"):
        host_keys.pin(
            project,
            lines(f"web1 ssh-ed25519 {PUBLIC_KEY}", f"web1 ssh-ed25519 {OTHER_KEY}"),
            actor=None,
        )


def test_a_fingerprint_is_what_ssh_prints(project: Project) -> None:
    """As `ssh-keygen -lf` tells it of this key."""
    row = factories.host_key(project)
    assert host_keys.fingerprint(row) == "SHA256:UQ4sgLIoJVj9dhhUiGFaxRB7NSOqvFxac1Ta1Yct8dc"
