"""The state in this server, for runs whose template overrides the backend of its repository.

The file in the checkout names the backend and nothing else; where it is, and the password of this
run, are in the environment: neither the checkout nor a saved plan has them.
"""

import os
import re
from contextlib import suppress
from pathlib import Path

from app.executors.execution import Execution
from app.executors.parameters import Parameter
from app.executors.spec import PreparationFailed, RunSpec
from app.executors.terraform_plans import read_below

FILE = "backend.tf"
TEXT = 'terraform {\n  backend "http" {}\n}\n'
OVERRIDE = "override_backend"
LARGEST = 1 << 20  # bytes of a file that is replaced
MORE = re.compile(r'^\s*(resource|module)\s+"', re.MULTILINE)
PARAMETERS = (
    Parameter(OVERRIDE, "flag", "Override backend settings",
              help="This server keeps the state with the workspace, in all its versions."),
    Parameter("backend_filename", "text", "File of the backend settings",
              pattern=r"|[A-Za-z0-9_][\w.-]{0,99}\.(tf|tofu)",
              examples=(FILE, "backend_override.tf"),
              help="Replaced in the checkout, or made; empty: backend.tf."),
)  # fmt: skip


def is_here(spec: RunSpec) -> bool:
    """Whether this server keeps the state."""
    return bool(spec.params.get(OVERRIDE))


def check(spec: RunSpec) -> None:
    """Raise PreparationFailed where the run cannot get to the state."""
    if spec.state and spec.state.lacking:
        raise PreparationFailed(spec.state.lacking)


def write(execution: Execution, directory: Path) -> None:
    """Put the file where the tool looks for it, until the run has ended.

    Nothing of the repository has run yet. What is put back later is found through the directory
    that was opened now, wherever its path leads by then.
    """
    spec = execution.spec
    if not spec.state:
        return
    if not execution.place.is_writable:
        raise PreparationFailed(
            "Override backend settings needs a checkout of its own: use a git repository"
        )
    name = str(spec.params.get("backend_filename") or FILE)
    before = read_below(directory, (name,), LARGEST)
    if before and MORE.search(before.decode(errors="replace")):
        raise PreparationFailed(
            f"{name} has resources, which would be destroyed without it: name a file that has the "
            "backend alone, or backend_override.tf"
        )
    execution.reporter.line(f"{'Replacing' if before else 'Making'} {name}: the state is kept here")
    handle = os.open(directory, os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    execution.closing.callback(os.close, handle)
    try:
        _put(handle, name, TEXT.encode())
    except OSError as error:
        raise PreparationFailed(f"{name} cannot be written: {error.strerror}") from error
    execution.closing.callback(_put_back, handle, name, before)


def environment(spec: RunSpec) -> dict[str, str]:
    """What the backend reads; it counts before what a variable group may say of it."""
    state = spec.state
    if not state:
        return {}
    names = ("TF_HTTP_ADDRESS", "TF_HTTP_LOCK_ADDRESS", "TF_HTTP_UNLOCK_ADDRESS")
    return dict.fromkeys(names, state.address) | {
        "TF_HTTP_USERNAME": state.login,
        "TF_HTTP_PASSWORD": state.password,
        "TF_HTTP_UPDATE_METHOD": "POST",
        "TF_HTTP_LOCK_METHOD": "LOCK",
        "TF_HTTP_UNLOCK_METHOD": "UNLOCK",
    }


def _put(directory: int, name: str, text: bytes) -> None:
    """Make a file of it, in the place of what is there."""
    with suppress(FileNotFoundError):
        os.unlink(name, dir_fd=directory)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    with os.fdopen(os.open(name, flags, 0o644, dir_fd=directory), "wb") as opened:
        opened.write(text)


def _put_back(directory: int, name: str, before: bytes | None) -> None:
    """The run may have deleted it, or the directory with it."""
    with suppress(OSError):
        if before is None:
            os.unlink(name, dir_fd=directory)
        else:
            _put(directory, name, before)
