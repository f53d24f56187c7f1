"""What can be run. To add a kind: write its module, then name its class here."""

from app.executors import git
from app.executors.ansible import Ansible
from app.executors.base import Executor, Kind
from app.executors.shell import Shell
from app.lib.tools import Tool

CLASSES: tuple[type[Executor], ...] = (Ansible, Shell)

EXECUTORS: dict[str, type[Executor]] = {word: made for made in CLASSES for word in made.kinds}
KINDS: dict[str, Kind] = {word: made.kinds[word] for word, made in EXECUTORS.items()}
TOOLS: dict[str, Tool] = git.TOOLS | {word: kind.tool for word, kind in KINDS.items()}

__all__ = ["EXECUTORS", "KINDS", "TOOLS", "Executor"]
