"""How a run reaches the state that the server keeps for its workspace."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class StateAccess:
    """Where the state is, and who the run is there; `lacking`: why it cannot get there, "" if it
    can. The password is good for this run alone, and as long as it is active."""

    address: str = ""
    login: str = ""
    password: str = field(default="", repr=False)
    lacking: str = ""
