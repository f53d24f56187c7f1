"""What pip said, in its own words, and the sentence that is made of it."""

import pytest

from app.executors.python_troubles import Troubles
from tests.executors.reporters import ListReporter

CONFLICT = """\
Collecting acme==1.0
ERROR: Cannot install acme==1.0 and acme==2.0 because these package versions have conflicting \
dependencies.
ERROR: ResolutionImpossible: for help visit https://pip.pypa.io/"""
NO_WHEEL = """\
Building wheels for collected packages: slow, bad
  error: subprocess-exited-with-error
  ╰─> [1 lines of output]
  ERROR: Failed building wheel for bad
ERROR: Could not build wheels for bad, which is required to install pyproject.toml-based projects"""
NEWER = """\
error: metadata-generation-failed
╰─> bad
"""
OLDER = """\
Collecting acme==1.0 (from -r requirements.txt (line 1))
Processing /shelf/bad-1.0.tar.gz
  ╰─> [1 lines of output]
error: metadata-generation-failed
╰─> See above for output."""
AWAY = """\
WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError(\
': Failed to establish a new connection: [Errno 111] Connection refused')': /simple/acme/
ERROR: Could not find a version that satisfies the requirement acme (from versions: none)
ERROR: No matching distribution found for acme"""


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (CONFLICT, "Cannot install acme==1.0 and acme==2.0: their versions exclude each other"),
        (NO_WHEEL, "bad could not be built"),
        (NEWER, "bad could not be built"),
        (OLDER, "bad-1.0.tar.gz could not be built"),
        (AWAY, "there is no package acme for this Python (the package index could not be reached)"),
        ("ERROR: Invalid requirement: 'what is'", "'what is' is no requirement"),
        ("/usr/bin/python3: No module named ensurepip", "No module named ensurepip: install "
         "python3-venv"),
        ("ERROR: something new\nERROR: in two lines", "in two lines"),
        ("nothing of use", "the log says why"),
    ],
)  # fmt: skip
def test_the_cause_is_told(said: str, told: str) -> None:
    reporter = ListReporter()
    troubles = Troubles(reporter)
    for line in said.splitlines():
        reporter.line(line)
    assert troubles.told() == told
