"""What is applied later, exactly as it was shown."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class SavedPlan:
    """A plan as the tool has saved it, and the versions of providers that it was made with."""

    data: bytes = field(repr=False)
    sha256: str
    lock: bytes = b""
    decision: str = field(default="", compare=False)  # by whom it was approved, for the log
