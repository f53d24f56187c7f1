"""Programs that tell how they were called, in the place of the tools, and what they have told."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible.parsing.dataloader import DataLoader

# It looks at its descriptors before it opens any, and its file appears complete or not at all.
# What /proc has is what the program was started with, whatever Python makes of it.
PROGRAM = """#!{python} -IS
import json, os, signal, subprocess, sys, time

def link(number):
    try:
        return os.readlink("/proc/self/fd/" + number)
    except OSError:
        return ""

def entries(name):
    with open("/proc/self/" + name, "rb") as file:
        return [os.fsdecode(part) for part in file.read().split(b"\\0")[:-1]]

descriptors = {{number: link(number) for number in os.listdir("/proc/self/fd")}}
argv = entries("cmdline")[2:]
told = {{"argv": argv, "env": entries("environ"), "cwd": os.getcwd(), "fds": descriptors}}
for word in argv:
    if word.startswith("--extra-vars=@"):
        with open(word.partition("@")[2], newline="") as file:
            told["variables"] = file.read()
note = {folder!r} + "/" + str(os.getpid()) + "-" + str(time.monotonic_ns())
with open(note, "w") as file:
    json.dump(told, file)
os.rename(note, note + ".json")
if argv[1:2] != [{first!r}] and {first!r}:
    sys.exit(0)

{behaviour}
"""
_DEAF = """
def note():
    with open(PIDS, "a") as file:
        file.write(str(os.getpid()) + "\\n")

for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
note()
for escaped in (False, True):
    if os.fork() == 0:
        if escaped:
            os.setsid()
            if os.fork():
                os._exit(0)
        note()
        time.sleep(300)
        os._exit(0)
time.sleep(0.5)
print("up", flush=True)
time.sleep(300)
"""


def deaf(pids: Path) -> str:
    """A program that hears no signal but SIGKILL, nor does what it starts: three processes, each of
    which notes its number in a file."""
    return _DEAF.replace("PIDS", repr(str(pids)))


@dataclass(frozen=True)
class Call:
    """One start of a program, as the kernel had it."""

    argv: list[str]
    env: dict[str, str]
    cwd: str
    fds: dict[int, str]  # what each descriptor was
    variables: dict[str, Any]  # of the file that the command line names

    @classmethod
    def read(cls, file: Path) -> "Call":
        told = json.loads(file.read_text())
        # What they were listed through was closed by then, and links to nothing.
        fds = {int(number): link for number, link in told["fds"].items() if link}
        env = dict(entry.split("=", 1) for entry in told["env"])
        variables = _loaded(told["variables"], file) if "variables" in told else {}
        return cls(told["argv"], env, told["cwd"], fds, variables)

    @property
    def tmp(self) -> str:
        return self.env["TMPDIR"]


def install(program: Path, folder: Path, first: str = "", behaviour: str = "") -> None:
    """Write a program that leaves a file in `folder` at each call, and then behaves like this;
    where `first` is given only if that is its first argument."""
    program.parent.mkdir(exist_ok=True)
    folder.mkdir(exist_ok=True)
    text = PROGRAM.format(
        python=sys.executable, folder=str(folder), first=first, behaviour=behaviour
    )
    program.write_text(text)
    program.chmod(0o755)


def calls(folder: Path) -> list[Call]:
    """Every call so far, in their order."""
    files = sorted(folder.glob("*.json"), key=lambda file: int(file.stem.split("-")[1]))
    return [Call.read(file) for file in files]


def _loaded(text: str, beside: Path) -> dict[str, Any]:
    """Variables as ansible's own loader reads them."""
    file = beside.with_suffix(".yml")
    file.write_text(text, newline="")
    found = DataLoader().load_from_file(str(file), cache="none")
    return {str(name): value for name, value in found.items()}
