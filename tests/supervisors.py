"""A supervisor with small stand-in programs in a directory of its own."""

import json
import os
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

from tests.lib.processes import parent_of, until

MAIN = """
import json, logging, os, pathlib, sys
from app.lib.guarded import Program
from app.lib.supervisor import supervise

def program(name, script, ready="", announcement="", stdin="", **options):
    ready = pathlib.Path(os.environ["THERE"], ready) if ready else None
    argv = [options.pop("shell", "bash"), "-c", 'cd "$THERE"\\n' + script]
    return Program(
        name, argv, os.environ | {"NAME": name},
        stdin=stdin.encode(), ready=ready and ready.exists,
        announcement=(lambda: announcement) if announcement else None, **options)

logging.basicConfig(format="%(message)s: %(program)s %(status)s")
settings = json.loads(sys.argv[1])
sys.exit(supervise([program(**p) for p in settings["programs"]], limit=settings["limit"]))
"""

STARTS = 'echo "$NAME starts" >> log; echo $$ > "$NAME.new"; mv "$NAME.new" "$NAME.pid"\n'

# The trap comes first: whoever has said that it starts must be able to obey.
OBEYS = "trap 'echo \"$NAME stops\" >> log; exit' TERM; " + STARTS + "sleep 900 & wait"

DEAF = "trap '' TERM; " + STARTS + "setsid sleep 900 & while :; do sleep 900; done"

STRAYS = STARTS + "setsid bash -c 'trap \"\" TERM; while :; do sleep 900; done' & exec sleep 900"

DONE = 'echo "$NAME done" >> log'


class Server:
    """A supervisor that runs programs in a directory of its own."""

    def __init__(self, directory: Path) -> None:
        self.directory, self.mark = directory, uuid.uuid4().hex

    def start(self, *programs: dict[str, Any], limit: float = 30.0) -> None:
        settings = json.dumps({"programs": programs, "limit": limit})
        with (self.directory / "said").open("w") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-c", MAIN, settings],
                cwd=Path(__file__).parents[1],
                env=os.environ | {"THERE": str(self.directory), "SUPERVISED": self.mark},
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        return (self.directory / "said").read_text()

    @property
    def log(self) -> list[str]:
        path = self.directory / "log"
        return path.read_text().splitlines() if path.exists() else []

    def wait_for(self, line: str, times: int = 1) -> None:
        until(lambda: self.log.count(line) >= times)

    def pid_of(self, name: str) -> int:
        path = self.directory / f"{name}.pid"
        until(path.exists)
        return int(path.read_text())

    def supervising(self, name: str) -> int:
        """Pid of the supervising process: the parent of the programs."""
        return parent_of(self.pid_of(name))

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def end(self) -> tuple[int, str]:
        """Exit code, and all output."""
        return self.process.wait(60), self.said


def program(name: str, script: str = OBEYS, **options: Any) -> dict[str, Any]:
    return {"name": name, "script": script, **options}


# Each is ready when it has said that it starts.
THREE = [program(name, ready=f"{name}.pid") for name in ("store", "web", "worker")]
