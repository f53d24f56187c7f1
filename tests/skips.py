"""The names of what was skipped, in a file: none is left out unseen where all could run."""

from pathlib import Path

import pytest
from _pytest.terminal import TerminalReporter


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--skipped", type=Path, metavar="FILE", help="add a line `database test` for each skipped"
    )


def pytest_terminal_summary(terminalreporter: TerminalReporter, config: pytest.Config) -> None:
    path: Path | None = config.getoption("--skipped")
    if path is None or hasattr(config, "workerinput"):  # the process above the others hears of all
        return
    names = sorted({report.nodeid for report in terminalreporter.getreports("skipped")})
    with path.open("a") as file:
        file.writelines(f"{config.getoption('--database')} {name}\n" for name in names)
