"""python -m tests.chaos [--rounds N] [--kinds a,b] [--database D] [--results F]: many rounds."""

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from tests.chaos import report
from tests.chaos.product import ROOT, running
from tests.chaos.rounds import Result, Size, play
from tests.chaos.victims import KINDS
from tests.databases import SERVERS

DATABASES = "of the server, but where PostgreSQL itself is killed"
PAGE = ROOT / "docs" / "reliability.md"


def main() -> int:
    """Play the rounds, write the page; 1 if an invariant was broken or too few rounds counted."""
    given = _arguments()
    with given.results.open("a") as file, SERVERS[given.database]() as database:
        for result in _rounds(given.kinds, given.rounds, Size(), database):
            file.write(json.dumps(asdict(result)) + "\n")
            file.flush()
            print(_line(result), flush=True)
    results = [Result(**json.loads(line)) for line in given.results.read_text().splitlines()]
    PAGE.write_text(report.page(results, Size()))
    return int(any(result.violations or not result.counted for result in results))


def _rounds(kinds: list[str], rounds: int, size: Size, database: str) -> Iterator[Result]:
    """All rounds; those that need the same servers share a product. It is kept where they fail."""
    for outside in (False, True):
        chosen = [kind for kind in kinds if KINDS[kind].outside == outside]
        if not chosen:
            continue
        folder = Path(tempfile.mkdtemp(prefix="chaos-"))
        broken = False
        with running(folder, size.running, outside=outside, database=database) as product:
            for _ in range(rounds):
                for kind in chosen:
                    result = play(product, kind, size)
                    broken |= bool(result.violations)
                    yield result
        if not broken:
            shutil.rmtree(folder)


def _line(result: Result) -> str:
    told = "" if result.counted else ", not counted"
    head = f"{result.kind}: {result.tasks} tasks, {result.lost} lost, {result.again} again"
    return "\n  ".join([f"{head}, {result.recovery:.1f} s{told}", *result.violations])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.chaos", description=__doc__)
    parser.add_argument("--rounds", type=int, default=20, help="of each kind")
    parser.add_argument("--kinds", type=_kinds, default=list(KINDS), help=", ".join(KINDS))
    parser.add_argument("--database", choices=SERVERS, default="sqlite", help=DATABASES)
    parser.add_argument("--results", type=Path, help="where they are added to earlier ones")
    given = parser.parse_args()
    given.results = given.results or Path(tempfile.mkstemp(prefix="chaos-results-")[1])
    return given


def _kinds(text: str) -> list[str]:
    chosen = text.split(",")
    if unknown := set(chosen) - KINDS.keys():
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown)}")
    return chosen


if __name__ == "__main__":
    sys.exit(main())
