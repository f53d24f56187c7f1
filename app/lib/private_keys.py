"""Private keys for ssh, read in memory: OpenSSH and PEM forms of RSA, ECDSA and Ed25519."""

import base64
import hashlib
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils

from app.lib import ssh_wire

OPENSSH = "-----BEGIN OPENSSH PRIVATE KEY-----"
QUICK_ROUNDS = 32  # of bcrypt; ssh-keygen's default is 24, and that takes 0.2 s
_MAGIC = b"openssh-key-v1\0"  # PROTOCOL.key of OpenSSH
SHA2_256, SHA2_512 = 2, 4  # flags of a request to sign; RFC 8332 and draft-ietf-sshm-ssh-agent
_HASHES: dict[int, Any] = {
    256: hashes.SHA256,
    384: hashes.SHA384,
    521: hashes.SHA512,
}  # RFC 5656, by curve


class NotAKey(Exception):
    """The text is no private key, or one of a kind that cannot be used."""


class PassphraseWrong(Exception):
    """The key is encrypted, and the passphrase is not its own or was not given."""


@dataclass(frozen=True)
class PrivateKey:
    """A decrypted key. `kind` is for people: "ED25519", "RSA 3072", "ECDSA 256"."""

    kind: str
    blob: bytes  # the public key as ssh sends it
    _key: Any

    @property
    def fingerprint(self) -> str:
        """As ssh-keygen shows it: "SHA256:…"."""
        digest = base64.b64encode(hashlib.sha256(self.blob).digest())
        return f"SHA256:{digest.decode().rstrip('=')}"

    @property
    def public_line(self) -> str:
        """What belongs into authorized_keys."""
        name = ssh_wire.Reader(self.blob).string().decode()
        return f"{name} {base64.b64encode(self.blob).decode()}"

    def sign(self, data: bytes, flags: int = 0) -> bytes:
        """The signature as ssh sends it; `flags` choose the hash of an RSA key."""
        if isinstance(self._key, ed25519.Ed25519PrivateKey):
            return _signature("ssh-ed25519", self._key.sign(data))
        if isinstance(self._key, rsa.RSAPrivateKey):
            return _rsa(self._key, data, flags)
        size = self._key.curve.key_size
        r, s = utils.decode_dss_signature(self._key.sign(data, ec.ECDSA(_HASHES[size]())))
        numbers = ssh_wire.mpint(r) + ssh_wire.mpint(s)
        return _signature(f"ecdsa-sha2-nistp{size}", numbers)


def read(text: str, passphrase: str = "") -> PrivateKey:
    """The key in a text. Raises NotAKey or PassphraseWrong."""
    data = ("\n".join(line.strip() for line in text.strip().splitlines()) + "\n").encode()
    load = serialization.load_pem_private_key
    if text.strip().startswith(OPENSSH):
        load = serialization.load_ssh_private_key
    key = _load(load, data, passphrase.encode())
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return PrivateKey("ED25519", _blob(key), key)
    if isinstance(key, rsa.RSAPrivateKey):
        return PrivateKey(f"RSA {key.key_size}", _blob(key), key)
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.key_size in _HASHES:
        return PrivateKey(f"ECDSA {key.curve.key_size}", _blob(key), key)
    raise NotAKey


def is_quick_to_read(text: str) -> bool:
    """Whether `read` takes well below a second. A key says itself how often its passphrase is to
    be hashed: reading one that wants millions of rounds is nothing for a web process."""
    lines = text.strip().splitlines()
    if not lines or lines[0].strip() != OPENSSH:
        return "ENCRYPTED PRIVATE KEY" not in text  # PKCS 8; the old PEM form hashes once
    try:
        reader = ssh_wire.Reader(base64.b64decode("".join(lines[1:-1]))[len(_MAGIC) :])
        reader.string()  # the cipher
        if reader.string() != b"bcrypt":
            return True
        options = ssh_wire.Reader(reader.string())
        options.string()  # the salt
        return options.uint32() <= QUICK_ROUNDS
    except ValueError:
        return True  # damaged: `read` sees that at once


def _load(load: Any, data: bytes, passphrase: bytes) -> Any:
    try:
        return load(data, passphrase or None)
    except TypeError as error:
        if not passphrase:
            raise PassphraseWrong from error
        # A passphrase was given for a key that has none: ssh does not mind either.
        return _load(load, data, b"")
    except ValueError as error:
        if passphrase and _is_encrypted(load, data):
            raise PassphraseWrong from error
        raise NotAKey from error
    except UnsupportedAlgorithm as error:
        raise NotAKey from error


def _is_encrypted(load: Any, data: bytes) -> bool:
    """Whether a key asks for a passphrase: the libraries say the same of a wrong one and of
    damage."""
    try:
        load(data, None)
    except TypeError:
        return True
    except (ValueError, UnsupportedAlgorithm):
        return False
    return False


def _blob(key: Any) -> bytes:
    form = serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    return base64.b64decode(key.public_key().public_bytes(*form).split()[1])


def _rsa(key: rsa.RSAPrivateKey, data: bytes, flags: int) -> bytes:
    if flags & SHA2_512:
        return _signature("rsa-sha2-512", key.sign(data, padding.PKCS1v15(), hashes.SHA512()))
    if flags & SHA2_256:
        return _signature("rsa-sha2-256", key.sign(data, padding.PKCS1v15(), hashes.SHA256()))
    sha1 = hashes.SHA1()  # noqa: S303  what "ssh-rsa" means; only old servers ask for it
    return _signature("ssh-rsa", key.sign(data, padding.PKCS1v15(), sha1))


def _signature(name: str, signature: bytes) -> bytes:
    return ssh_wire.string(name.encode()) + ssh_wire.string(signature)
