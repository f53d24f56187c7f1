"""What can be run. To add a kind: write its module, then name it here."""

from app.executors.base import Executor
from app.executors.shell import Shell

EXECUTORS: dict[str, type[Executor]] = {"bash": Shell}

__all__ = ["EXECUTORS", "Executor"]
