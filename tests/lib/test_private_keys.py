"""Every form in which ssh-keygen writes a key can be read, and no other text can."""

import subprocess
from pathlib import Path

import pytest

from app.lib.private_keys import OPENSSH, NotAKey, PassphraseWrong, is_quick_to_read, read
from tests.slow_keys import slow_key

TYPES = {
    "ED25519": ["ed25519"],
    "RSA 2048": ["rsa", "-b", "2048"],
    "ECDSA 256": ["ecdsa", "-b", "256"],
    "ECDSA 521": ["ecdsa", "-b", "521"],
}
FORMS = [[], ["-m", "PEM"], ["-m", "PKCS8"]]


def keygen(file: Path, *arguments: str, passphrase: str = "") -> str:
    command = ["ssh-keygen", "-q", "-N", passphrase, "-f", str(file), "-t", *arguments]
    subprocess.run(command, check=True)
    return file.read_text()


def facts(file: Path) -> tuple[str, str]:
    """The public line and the fingerprint, as ssh-keygen knows them."""
    public = " ".join(Path(f"{file}.pub").read_text().split()[:2])
    listed = subprocess.check_output(["ssh-keygen", "-lf", f"{file}.pub"], text=True)
    return public, listed.split()[1]


@pytest.mark.parametrize("passphrase", ["", "a pass phrase ☀"])
@pytest.mark.parametrize("form", FORMS, ids=lambda form: "-".join(form) or "OpenSSH")
@pytest.mark.parametrize("kind", TYPES)
def test_a_key_is_read(tmp_path: Path, kind: str, form: list[str], passphrase: str) -> None:
    text = keygen(tmp_path / "key", *TYPES[kind], *form, passphrase=passphrase)
    key = read(text, passphrase)
    assert key.kind == kind
    assert (key.public_line, key.fingerprint) == facts(tmp_path / "key")
    if passphrase:
        for wrong in ("", "another"):
            with pytest.raises(PassphraseWrong):
                read(text, wrong)


def test_line_ends_of_windows_and_blanks_around_it_do_no_harm(tmp_path: Path) -> None:
    text = keygen(tmp_path / "key", "ed25519")
    assert read("\n  " + text.replace("\n", "\r\n").strip()).kind == "ED25519"


def test_a_passphrase_that_is_not_needed_does_no_harm(tmp_path: Path) -> None:
    assert read(keygen(tmp_path / "key", "ed25519"), "needless").kind == "ED25519"


@pytest.mark.parametrize("text", ["", "hello", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n", "\0"])
def test_other_texts_are_no_keys(text: str) -> None:
    for passphrase in ("", "secret"):
        with pytest.raises(NotAKey):
            read(text, passphrase)


def test_a_public_key_is_no_private_one(tmp_path: Path) -> None:
    keygen(tmp_path / "key", "ed25519")
    with pytest.raises(NotAKey):
        read((tmp_path / "key.pub").read_text())


def test_a_damaged_key_is_no_key(tmp_path: Path) -> None:
    text = keygen(tmp_path / "key", "ed25519")
    lines = text.splitlines()
    with pytest.raises(NotAKey):
        read("\n".join([lines[0], *lines[2:]]))


def test_a_key_that_wants_to_be_hashed_for_hours_is_known_without_reading_it(
    tmp_path: Path,
) -> None:
    assert not is_quick_to_read(slow_key(tmp_path, "secret"))
    pkcs8 = keygen(tmp_path / "pkcs8", "rsa", "-m", "PKCS8", passphrase="secret")
    assert not is_quick_to_read(pkcs8)


@pytest.mark.parametrize("passphrase", ["", "secret"])
@pytest.mark.parametrize("form", [[], ["-m", "PEM"]])
def test_usual_keys_are_quick_to_read(tmp_path: Path, form: list[str], passphrase: str) -> None:
    assert is_quick_to_read(keygen(tmp_path / "key", "rsa", *form, passphrase=passphrase))


@pytest.mark.parametrize("text", ["", "hello", OPENSSH, f"{OPENSSH}\nAAAA\n-----END"])
def test_what_is_no_key_is_quick_to_refuse(text: str) -> None:
    assert is_quick_to_read(text)
