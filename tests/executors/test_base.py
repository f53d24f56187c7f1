import signal
import time

import pytest

from app.executors import EXECUTORS
from app.executors.spec import Cancelled, PreparationFailed
from app.lib.process import Guardian
from tests.executors.reporters import ListReporter
from tests.executors.runs import run
from tests.lib.processes import marked


def sections(reporter):
    return [
        (data["phase"], data.get("status", "begin"))
        for kind, data in reporter.events
        if kind == "section"
    ]


def test_it_runs_the_script_and_tells_what_happened(spec, origin):
    outcome, told = run(spec("echo to stdout; echo to stderr >&2; pwd"))
    head = origin.git("rev-parse", "HEAD")
    assert (outcome.exit_code, outcome.reason) == (0, None)
    assert told.lines[0].startswith("Preparing run ")
    assert f"Checked out {head[:8]}: Script" in told.lines
    assert told.lines[-4:-1] == ["$ bash script.sh", "to stdout", "to stderr"]
    assert told.lines[-1].endswith("/checkout")
    assert told.statuses == ["waiting", "running"]
    assert told.commits == [(head, "Script")]
    assert sections(told) == [
        ("Prepare", "begin"), ("Prepare", "success"), ("Git", "begin"), ("Git", "success"),
        ("Run", "begin"), ("Run", "success"),
    ]  # fmt: skip


def test_every_line_is_there_when_it_returns(spec):
    for _ in range(5):
        outcome, told = run(spec("seq 20000; printf 'no line break'"))
        assert told.lines[-2:] == ["20000", "no line break"] and outcome.exit_code == 0


@pytest.mark.parametrize(
    ("text", "code", "reason"),
    [
        ("exit 3", 3, "script.sh ended with exit code 3"),
        ("nosuchcommand", 127, "script.sh ended with exit code 127: a command was not found"),
        ("kill -9 $$", 137, "script.sh ended with exit code 137: SIGKILL"),
        ("exit 168", 168, "script.sh ended with exit code 168"),
        ("exit 200", 200, "script.sh ended with exit code 200"),
    ],
)
def test_a_failure_has_a_reason(spec, text, code, reason):
    outcome, told = run(spec(text))
    assert (outcome.exit_code, outcome.reason) == (code, reason)
    assert sections(told)[-1] == ("Run", "failed")


def test_a_failed_preparation_is_in_the_log_and_nothing_runs(spec):
    told = ListReporter()
    with pytest.raises(PreparationFailed, match="no branch or tag “mian”"):
        run(spec("echo ran", branch="mian"), told)
    assert told.lines[-1].startswith("Error: There is no branch or tag “mian”")
    assert told.statuses == ["waiting"] and "ran" not in told.lines
    assert sections(told)[-1] == ("Git", "failed")


def test_a_missing_program_is_a_failed_preparation(spec):
    told = ListReporter()
    with pytest.raises(
        PreparationFailed, match="nosuchshell, the configured path of Bash, was not found"
    ):
        run(spec("echo ran", settings={"app_path": "nosuchshell"}), told)
    assert told.statuses == ["waiting"]


def test_nothing_of_the_run_is_alive_when_it_returns(spec):
    made = spec("sleep 100 & setsid sleep 100 & (trap '' TERM; sleep 100) & echo started")
    outcome, told = run(made)
    assert outcome.exit_code == 0 and told.lines[-1] == "started"
    assert marked(made.mark) == []


@pytest.mark.parametrize("step", ["Preparing run", "Repository", "Checked out"])
def test_a_stop_while_it_prepares_ends_it_before_the_script(spec, step):
    told = ListReporter()

    def stop(number, at, text):
        told.cancelled = told.cancelled or text.startswith(step)

    told.on_line(stop)
    with pytest.raises(Cancelled):
        run(spec("echo ran"), told)
    assert told.statuses == ["waiting"] and "ran" not in told.lines
    assert sections(told)[-1][1] == "stopped"


def test_the_state_says_that_it_runs_before_anything_of_it_does(spec, tmp_path):
    canary = tmp_path / "canary"

    class Slow(ListReporter):
        def status(self, status):
            super().status(status)
            time.sleep(0.5)  # a database that takes its time
            self.statuses.append(str(canary.exists()))

    told = Slow()
    run(spec(f"touch {canary}"), told)
    assert told.statuses[-2:] == ["running", "False"] and canary.exists()


def test_a_stop_that_is_noticed_with_the_status_starts_nothing(spec, tmp_path):
    class Refusing(ListReporter):
        def status(self, status):
            raise Cancelled

    made = spec(f"touch {tmp_path}/canary; sleep 100")
    with pytest.raises(Cancelled):
        run(made, Refusing())
    assert marked(made.mark) == [] and not (tmp_path / "canary").exists()


def test_a_caller_that_stops_it_gets_the_exit_code_and_the_section_says_stopped(spec):
    made = spec("trap 'echo asked; exit 143' TERM; echo ready; sleep 100 & wait")
    told, guardian = ListReporter(), Guardian.fork(made.mark)

    def stop(number, at, text):
        if text == "ready":
            told.cancelled = True
            guardian.terminate()

    told.on_line(stop)
    outcome = EXECUTORS["bash"]().run(made, told, guardian)
    guardian.close()
    assert outcome.exit_code == 128 + signal.SIGTERM and told.lines[-1] == "asked"
    assert sections(told)[-1] == ("Run", "stopped")


def test_the_time_limit_asks_first_and_says_why(spec):
    script = "trap 'echo asked; exit 0' TERM; sleep 100 & wait"
    outcome, told = run(spec(script, max_duration=1))
    assert not outcome.succeeded
    assert outcome.reason == "The time limit, 1 s, was reached"
    assert told.lines[-2:] == ["asked", "Error: The time limit, 1 s, was reached"]
    assert sections(told)[-1] == ("Run", "failed")


def test_the_command_in_the_log_is_one_line_and_not_endless(spec):
    _, told = run(spec("exit 0", arguments=("two\nlines", "x" * 5000)))
    shown = told.lines[-1]
    assert shown.startswith("$ bash script.sh 'two\\nlines' xxx")
    assert shown.endswith("…") and len(shown) < 1010
