"""What git says when it fails, sorted by what a person can do about it."""

import re

SHOWN_LINES = 6


class GitError(Exception):
    """git failed. The text says what happened and what to do; `output`: git's own last lines."""

    says = ""
    hint = ""
    retryable = False  # whether the same thing may work in a second

    def __init__(self, message: str = "", output: str = "", hint: str = "") -> None:
        super().__init__(" ".join(filter(None, (message or self.says, hint or self.hint))))
        self.output = output


class AuthRefused(GitError):
    says = "The server does not let us read the repository."
    hint = "It is private or does not exist: check the address and the repository's key."


class RefMissing(GitError):
    says = "The branch, tag or commit does not exist."


class HostKeyUnknown(GitError):
    says = "The server's host key is not known, or is not the one it was."
    hint = "Compare it with what the server's owner publishes before you accept it."


class Unreachable(GitError):
    says = "The repository cannot be reached."
    hint = "Check the address, and that this machine may connect to it (proxy, firewall, DNS)."


class TlsFailed(GitError):
    says = "The server's certificate is not trusted."
    hint = "Install the private CA on this machine, or correct the host name."


class ProtocolRefused(GitError):
    says = "git refused this kind of address."
    hint = "Only https, ssh, git, file and http are allowed."


class RepositoryMissing(Unreachable):
    says = "There is no git repository at this address."
    hint = "Check the spelling, and that it exists."


class NetworkFailed(Unreachable):
    """The connection failed in a way that often passes."""

    retryable = True


class NotInstalled(GitError):
    says = "The program git was not found on the machine that runs this."
    hint = "Install it, for example with apt install git."


class Killed(GitError):
    hint = "The machine may have run out of memory: its system log knows."


class Broken(GitError):
    """Nothing above: a damaged repository, a full disk, a file that cannot be written."""


# The first pattern found decides, so what is certain stands before what ssh adds to everything.
_SIGNS: tuple[tuple[str, type[GitError]], ...] = (
    (r"Host key verification failed|HOST IDENTIFICATION HAS CHANGED", HostKeyUnknown),
    (r"transport '[^']*' not allowed|remote helper for|strange (host|path)name", ProtocolRefused),
    (r"Authentication failed|could not read (Username|Password)", AuthRefused),
    (r"Permission denied \(|[Ii]nvalid username or|returned error: 40[13]", AuthRefused),
    (r"certificate|gnutls_handshake|SSL_(connect|read|ERROR)|TLS", TlsFailed),
    (r"does not appear to be a git repository|[Rr]epository .*not found", RepositoryMissing),
    (r"returned error: 404|dubious ownership", RepositoryMissing),
    (r"[Cc]ould not resolve host|Name or service not known|[Ff]ailed to connect", NetworkFailed),
    (r"Connection (timed out|refused|reset|closed)|Network is unreachable", NetworkFailed),
    (r"No route to host|[Oo]peration (timed out|too slow)|unable to connect", NetworkFailed),
    (r"early EOF|hung up unexpectedly|RPC failed|returned error: 5\d\d", NetworkFailed),
)
_OWNER = (
    "It belongs to another user of this machine, and git does not open such repositories: change "
    "its owner, or reach it by ssh or https."
)
_NOISE = re.compile(r"^(Cloning into|hint:|Please make sure|and the repository exists|$)")


def classify(stderr: str, command: str) -> GitError:
    """The error that git's output on stderr tells of; `command` names what failed."""
    lines = [line.rstrip() for line in stderr.splitlines() if not _NOISE.match(line)]
    output = "\n".join(lines[-SHOWN_LINES:])
    for pattern, kind in _SIGNS:
        if re.search(pattern, stderr):
            return kind(output=output, hint=_OWNER if "dubious ownership" in stderr else "")
    return Broken(f"git {command} failed.", output)
