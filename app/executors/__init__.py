"""What can be run. To add a kind: write its module, then name its class here.

What is no kind of its own, because an administrator has made it, is a script with an interpreter.
"""

from app.executors import git
from app.executors.ansible import Ansible
from app.executors.base import Executor, Kind
from app.executors.shell import Shell
from app.executors.terraform import Terraform
from app.executors.terragrunt import Terragrunt
from app.lib.tools import Tool

CLASSES: tuple[type[Executor], ...] = (Ansible, Shell, Terraform, Terragrunt)

EXECUTORS: dict[str, type[Executor]] = {word: made for made in CLASSES for word in made.kinds}
KINDS: dict[str, Kind] = {word: made.kinds[word] for word, made in EXECUTORS.items()}
TOOLS: dict[str, Tool] = git.TOOLS | {word: kind.tool for word, kind in KINDS.items()}


def executor_of(app: str) -> type[Executor]:
    """Who runs templates of this app."""
    return EXECUTORS.get(app, Shell)


def kind_of(app: str) -> Kind:
    """How the app is shown, and its program."""
    return executor_of(app).kind(app)


__all__ = ["EXECUTORS", "KINDS", "TOOLS", "Executor", "executor_of", "kind_of"]
