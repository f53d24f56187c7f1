"""A private key that takes for ever to decrypt: its own header says how often to hash."""

import base64
import struct
import subprocess
from pathlib import Path

BEGIN, END = "-----BEGIN OPENSSH PRIVATE KEY-----", "-----END OPENSSH PRIVATE KEY-----"


def slow_key(folder: Path, passphrase: str, rounds: int = 2_000_000) -> str:
    """Made by ssh-keygen, then changed: 2 million rounds take hours."""
    file = folder / "slow"
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-a", "1", "-N", passphrase, "-f", file], check=True
    )
    raw = bytearray(base64.b64decode("".join(file.read_text().splitlines()[1:-1])))
    options = raw.index(b"bcrypt", 32) + len(b"bcrypt") + 4  # after the length of the options
    (salt,) = struct.unpack_from(">I", raw, options)
    struct.pack_into(">I", raw, options + 4 + salt, rounds)
    return "\n".join([BEGIN, base64.encodebytes(bytes(raw)).decode().strip(), END, ""])
