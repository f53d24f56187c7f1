"""What our callback may say, line by line, and nothing else: everything is checked and bounded.

`told(line)` of each is what the reporter is told: events with their data. `line` is the first line
of the output that belongs to it, None if that is not known.
"""

import json
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

NAME, TEXT = 10_000, 70_000  # characters; the callback cuts texts at 64 K
LARGEST = 2**31 - 1
LATEST = 2**53  # of times in ms

Text = Annotated[str, Field(max_length=TEXT)]
Count = Annotated[int, Field(ge=0, le=LARGEST)]
Ms = Annotated[int, Field(ge=0, le=LATEST)]
Host = Annotated[str, Field(min_length=1, max_length=NAME)]
Version = Annotated[str, Field(max_length=100)]
Told = Iterator[tuple[str, dict[str, Any]]]  # an event of the reporter


class Item(BaseModel):
    """One round of a loop."""

    item: Text = ""
    status: Literal["ok", "changed", "failed", "skipped", "unreachable"] = "ok"
    msg: Text = ""


class Detail(BaseModel):
    """What a module has answered, for a reader."""

    msg: Text = ""
    stdout: Text = ""
    stderr: Text = ""
    exception: Text = ""
    module_stdout: Text = ""
    module_stderr: Text = ""
    diff: Text = ""
    data: Text = ""
    action: Text = ""
    rc: Annotated[int, Field(ge=-LARGEST, le=LARGEST)] | None = None
    items: Annotated[list[Item], Field(max_length=1000)] = []
    item_count: Count = 0


class Hello(BaseModel):
    """The callback is at work, in an ansible-core and a Python of these versions."""

    e: Literal["hello"]
    at: Literal[0] = 0
    version: Version = ""
    python: Version = ""

    def told(self, line: int | None) -> Told:
        found = {"ansible-core": self.version, "Python": self.python}
        versions = {name: version for name, version in found.items() if version}
        if versions:
            yield "fact", {"name": "tools", "value": versions}


class Section(BaseModel):
    """A play or a task begins."""

    e: Literal["play", "task", "handler"]
    at: Count
    name: Annotated[str, Field(max_length=NAME)] = ""

    def told(self, line: int | None) -> Told:
        yield "part", {"part": self.e, "title": self.name, "line": line}


class Result(BaseModel):
    """What the task that has begun last came to on one host."""

    e: Literal["result"]
    at: Count
    host: Host
    status: Literal["ok", "changed", "failed", "skipped", "unreachable"]
    ignored: bool = False
    rescued: bool = False
    started: Ms
    duration: Ms
    detail: Detail

    @property
    def counts_as_failure(self) -> bool:
        """Whether the host takes no further part in the play."""
        return self.status in ("failed", "unreachable") and not (self.ignored or self.rescued)

    def told(self, line: int | None) -> Told:
        told = self.model_dump(exclude={"e", "at", "detail"})
        detail = self.detail.model_dump(exclude_defaults=True)
        yield "result", told | {"detail": detail, "line": line}


class Sums(BaseModel):
    """How one host has fared in all plays."""

    ok: Count = 0
    changed: Count = 0
    failed: Count = 0
    skipped: Count = 0
    unreachable: Count = 0
    rescued: Count = 0
    ignored: Count = 0


class Stats(BaseModel):
    """What set_stats has set, by host; nothing of it where that is too much, or no JSON."""

    e: Literal["stats"]
    at: Count
    values: dict[str, Any] = {}
    size: Count = 0

    def told(self, line: int | None) -> Told:
        try:
            json.dumps(self.values, allow_nan=False)
        except (ValueError, RecursionError):
            self.values = {}
        yield "stats", {"values": self.values, "size": self.size}


class Recap(BaseModel):
    """The end of the playbook."""

    e: Literal["recap"]
    at: Count
    hosts: Annotated[dict[Host, Sums], Field(max_length=100_000)]

    def told(self, line: int | None) -> Told:
        yield "part", {"part": "recap", "title": "Play recap", "line": line}
        yield "recap", {"hosts": {host: sums.model_dump() for host, sums in self.hosts.items()}}


Event = Hello | Section | Result | Stats | Recap
_EVENT: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="e")])


def parse(line: bytes) -> Event | None:
    """The event that a line tells, or None if it tells none."""
    try:
        return _EVENT.validate_json(line)
    except ValidationError:
        return None
