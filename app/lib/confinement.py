"""What a command gives up between fork and exec, for itself and all that it starts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.lib import landlock
from app.lib.linux import drop_capabilities


@dataclass(frozen=True)
class Confinement:
    """`rules` is a descriptor of a Landlock ruleset, or -1; `user` and `group` are numbers, or -1
    for those of this process; `drops_capabilities` takes from root what would undo the rest."""

    rules: int = -1
    user: int = -1
    group: int = -1
    drops_capabilities: bool = True

    @property
    def handles(self) -> tuple[int, ...]:
        """The descriptors that whoever starts the command has to be given."""
        return () if self.rules < 0 else (self.rules,)

    @property
    def order(self) -> dict[str, Any]:
        """Everything but descriptors, as JSON values."""
        return {
            "user": self.user,
            "group": self.group,
            "drops_capabilities": self.drops_capabilities,
            "rules": self.rules >= 0,
        }

    @classmethod
    def of(cls, order: Mapping[str, Any], rules: int) -> "Confinement":
        """What `order` described, with the descriptor that came with it (-1: none)."""
        return cls(rules, order["user"], order["group"], order["drops_capabilities"])

    @property
    def identity(self) -> dict[str, Any]:
        """Arguments of Popen: who the command is."""
        if self.user < 0:
            return {}
        return {"user": self.user, "group": self.group, "extra_groups": []}

    def enter(self) -> None:
        """In the child, after its identity was changed. Raises OSError: it must not go on then."""
        if self.drops_capabilities:
            drop_capabilities()
        if self.rules >= 0:
            landlock.enter(self.rules)
