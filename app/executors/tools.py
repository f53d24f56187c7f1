"""Which of the tools that runs need this machine has, and in which version."""

import re
import shutil
import subprocess

# Tool -> how it tells its version; the first number with a dot in the answer counts.
ASKED = {
    "bash": ("bash", "--version"),
    "git": ("git", "--version"),
    "python3": ("python3", "--version"),
    "ssh": ("ssh", "-V"),
}
PATIENCE = 10  # seconds


def found() -> dict[str, str | None]:
    """Map each tool to its version; None: it is not on PATH."""
    return {name: _version(argv) for name, argv in ASKED.items()}


def _version(argv: tuple[str, ...]) -> str | None:
    if shutil.which(argv[0]) is None:
        return None
    done = subprocess.run(
        argv,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=PATIENCE,
        check=False,
        text=True,
    )
    number = re.search(r"\d+(\.\d+)+", done.stdout)
    return number[0] if number else "unknown"
