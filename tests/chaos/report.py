"""docs/reliability.md: what the rounds have shown."""

import os
import platform
import statistics
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.chaos.rounds import Result, Size
from tests.chaos.victims import KINDS

PAGE = Path(__file__).with_name("page.md")


def page(results: Iterable[Result], size: Size) -> str:
    """The whole document."""
    of: dict[str, list[Result]] = {}
    for result in results:
        of.setdefault(result.kind, []).append(result)
    given = {"running": size.running, "waiting": size.waiting, "later": size.later}
    told = {"machine": _machine(), "date": f"{datetime.now(UTC):%Y-%m-%d}"}
    rows = "\n".join(_row(KINDS[kind].title, of[kind]) for kind in KINDS if kind in of)
    return PAGE.read_text().format(rows=rows, violations=_violations(of), **given, **told)


def _row(title: str, results: Sequence[Result]) -> str:
    counted = [result for result in results if result.counted]
    seconds = [result.recovery for result in counted] or [0.0]
    cells: list[object] = [title, len(results), len(counted)]
    cells.append(sum(len(result.violations) for result in results))
    cells += [
        sum(getattr(result, name) for result in results) for name in ("tasks", "lost", "again")
    ]
    cells += [f"{statistics.median(seconds):.1f} s", f"{max(seconds):.1f} s"]
    return "| " + " | ".join(map(str, cells)) + " |"


def _violations(of: dict[str, list[Result]]) -> str:
    found = [
        f"- {KINDS[kind].title}: {text}"
        for kind, results in of.items()
        for result in results
        for text in result.violations
    ]
    return "\n".join(["\n## Violations\n", *found, ""]) if found else ""


def _machine() -> str:
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    kernel, python = platform.release().partition("-")[0], platform.python_version()
    return f"{os.cpu_count()} cores, {pages >> 30} GB, Linux {kernel}, Python {python}"
