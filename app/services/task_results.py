"""What the hosts of a run come to, from results that are told one by one to rows of the tables."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import zstandard

LONGEST_HOST = 255  # characters
OUTCOMES = ("unreachable", "failed", "changed", "ok", "skipped")  # of a host, the worst first


@dataclass(slots=True)
class Host:
    """A row of task_host."""

    seq: int
    host: str
    ok: int = 0
    changed: int = 0
    failed: int = 0
    skipped: int = 0
    unreachable: int = 0
    rescued: int = 0
    ignored: int = 0
    duration_ms: int = 0

    def count(self, status: str, *, ignored: bool, rescued: bool) -> None:
        """As ansible's recap counts: what has changed is ok too, and so is what was ignored."""
        if rescued:
            self.rescued += 1
            return
        if ignored:
            self.ignored += 1
            status = "ok" if status == "failed" else status
        setattr(self, status, getattr(self, status) + 1)
        if status == "changed":
            self.ok += 1


@dataclass(frozen=True, slots=True)
class Result:
    """A row of task_result."""

    seq: int
    host_seq: int
    section_seq: int
    status: str
    ignored: bool
    first_ms: int
    duration_ms: int
    line: int
    detail: bytes


@dataclass(slots=True)
class Rows:
    """What is new or has changed since it was asked the last time."""

    hosts: dict[int, Host] = field(default_factory=dict)
    results: list[Result] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.hosts or self.results)

    def add(self, later: "Rows") -> None:
        self.hosts |= later.hosts
        self.results += later.results


class HostResults:
    """Gathers the results of one run, from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._hosts: dict[str, Host] = {}
        self._rows = Rows()
        self._count = 0
        self._zstd = zstandard.ZstdCompressor(level=3)

    def add(
        self, *, section: int, line: int, host: str, status: str, ignored: bool, rescued: bool,
        started: int, duration: int, detail: Mapping[str, Any],
    ) -> None:  # fmt: skip
        """One task of a playbook has ended on a host; times in ms, `section` is the task's."""
        with self._lock:
            packed = self._pack(detail)
            row = self._host(host)
            row.count(status, ignored=ignored, rescued=rescued)
            row.duration_ms += duration
            self._count += 1
            went_on = ignored or rescued
            times = (started, duration, line)
            self._rows.results.append(
                Result(self._count, row.seq, section, status, went_on, *times, packed)
            )

    def recap(self, hosts: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
        """What ansible itself has counted, which stands; returns how many hosts came to what."""
        outcomes: dict[str, int] = {}
        with self._lock:
            for name, sums in hosts.items():
                row = self._host(name)
                for outcome, count in sums.items():
                    setattr(row, outcome, count)
                worst = next((word for word in OUTCOMES if sums.get(word)), "ok")
                outcomes[worst] = outcomes.get(worst, 0) + 1
        return outcomes

    def take(self) -> Rows:
        """What is new or has changed since this was asked the last time."""
        with self._lock:
            rows, self._rows = self._rows, Rows()
            return rows

    def _host(self, name: str) -> Host:
        name = name.replace("\0", "")[:LONGEST_HOST]
        row = self._hosts.get(name) or Host(len(self._hosts) + 1, name)
        self._hosts[name] = self._rows.hosts[row.seq] = row
        return row

    def _pack(self, detail: Mapping[str, Any]) -> bytes:
        text = json.dumps(detail, separators=(",", ":")).encode()
        return self._zstd.compress(text) if detail else b""


def unpack(packed: bytes) -> dict[str, Any]:
    """The detail of a row: what the module has answered, as app.executors.ansible_events says."""
    detail: dict[str, Any] = json.loads(zstandard.decompress(packed)) if packed else {}
    return detail


def masked(value: Any, mask: Callable[[str], str]) -> Any:
    """A value of JSON with each of its texts masked, and the names in it too."""
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, Mapping):
        return {mask(name): masked(inner, mask) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [masked(inner, mask) for inner in value]
    return value
