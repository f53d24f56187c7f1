"""How every tool ends, by itself and by a stop, and what is kept of what it has said and left.

Time limits are tried through a worker, for all tools at once: a preparation counts as well, and on
a busy machine it may take long.
"""

import signal
import threading

import pytest

from app.executors import executor_of
from app.lib.process import Guardian
from tests.executors.contract.calls import deaf
from tests.executors.contract.outputs import OUTPUTS, saying
from tests.executors.reporters import ListReporter
from tests.executors.runs import run
from tests.lib.processes import is_alive, marked

LISTENS = """
def end(number, frame):
    os.write(1, f"asked by {signal.Signals(number).name}\\n".encode())
    os._exit(0)

signal.signal(signal.SIGTERM, end)
signal.signal(signal.SIGINT, end)
print("up", flush=True)
time.sleep(300)
"""


def stopped(spec, *, killed_after: float):
    """Run it, ask it to end when it says that it is up, and kill it some seconds later."""
    told, guardian = ListReporter(), Guardian.fork(spec.mark)
    killing = threading.Timer(killed_after, guardian.kill)

    def stop(number, at, text):
        if text == "up":
            told.cancelled = True
            guardian.terminate()
            killing.start()

    told.on_line(stop)
    try:
        return executor_of(spec.app)().run(spec, told, guardian), told
    finally:
        killing.cancel()
        guardian.close()
        told.drain()


@pytest.mark.parametrize("name", OUTPUTS)
def test_what_it_says_is_kept(given, name):
    outcome, told = run(given(saying(OUTPUTS[name])))
    assert outcome.succeeded, told.text
    [start] = [n for n, line in enumerate(told.lines) if line.startswith("$ ")][-1:]
    expected = OUTPUTS[name].decode(errors="replace").removesuffix("\n").split("\n")
    assert told.lines[start + 1 :] == (expected if OUTPUTS[name] else [])


@pytest.mark.parametrize("code", [1, 3, 137])
def test_a_failure_has_its_code_and_a_reason(tool, given, code):
    outcome, _ = run(given(f"sys.exit({code})"))
    assert outcome.exit_code == code
    assert outcome.reason.startswith(f"{tool.script} ended with exit code {code}")


def test_a_stop_asks_with_the_tools_own_signal(tool, given):
    _, told = stopped(given(LISTENS), killed_after=60)
    assert told.lines[-1] == f"asked by {signal.Signals(tool.stop).name}"
    ends = [data for kind, data in told.events if kind == "section" and data["state"] == "end"]
    assert (ends[-1]["phase"], ends[-1]["status"]) == ("Run", "stopped")


def test_a_tree_that_hears_nothing_is_killed(given, tmp_path):
    pids = tmp_path / "pids"
    made = given(deaf(pids))
    outcome, _ = stopped(made, killed_after=0.5)
    assert outcome.exit_code == 128 + signal.SIGKILL
    assert_gone(made, pids)


def test_files_beyond_the_limit_are_not_kept_and_named(given):
    text = """
for name, size in (("a", 1000), ("b", (1 << 20) + 1)):
    with open(os.environ["SEMAPHORE_ARTIFACTS"] + "/" + name, "wb") as file:
        file.write(b"x" * size)
"""
    _, told = run(given(text, settings={"artifacts": 1 << 20}))
    assert list(told.artifacts) == ["a"]
    assert "Artifact b is not kept: the files of a run may take 1 MB" in told.lines


def assert_gone(spec, pids) -> None:
    found = [int(line) for line in pids.read_text().split()]
    assert len(found) == 3 and not any(is_alive(pid) for pid in found)
    assert marked(spec.mark) == []
