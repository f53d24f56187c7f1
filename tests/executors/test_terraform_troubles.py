"""What went wrong is said in a sentence, with what to do."""

from app.executors import executor_of
from app.executors.state_access import StateAccess
from app.executors.terraform_troubles import CUT_OFF, KILLED
from app.lib.process import Guardian
from tests.executors.reporters import ListReporter
from tests.executors.runs import run
from tests.executors.terraforms import workspace

LOCKED = r"""
echo '│ Error: Error acquiring the state lock'
echo '│ Lock Info:'
echo '│   ID:        2f1a-77'
exit 1
"""


def instead(tmp_path, step: str, text: str) -> None:
    """Let the stub do something else in a step."""
    program = tmp_path / "program"
    told = program.read_text().replace(f"  {step}) ", f"  {step}) {text};; never) ", 1)
    assert text in told
    program.write_text(told)


def test_a_locked_state_is_named_with_the_way_to_unlock_it(stub, tmp_path):
    made, _ = stub()
    instead(tmp_path, "plan", LOCKED)
    outcome, _ = run(made)
    assert outcome.reason == (
        "The state is locked by somebody else (lock 2f1a-77); the log says by whom. "
        "Where nobody is: terraform force-unlock 2f1a-77"
    )


def test_a_lock_of_our_own_state_says_who_holds_it_and_where_it_is_released(stub, tmp_path):
    state = StateAccess("http://server.test/api/terraform/run-7", "run", "the-password-of-this-run")
    made, _ = stub(state=state, inventory=workspace("blue"))
    instead(tmp_path, "plan", LOCKED)
    told = ListReporter()
    told.holder = "ada@laptop (apply), through the address …eu5j"
    outcome, _ = run(made, told)
    assert outcome.reason == (
        "The state is locked by ada@laptop (apply), through the address …eu5j. "
        "Where nobody works any more: Unlock, on the tab State of workspace W"
    )
    assert outcome.reason in told.lines


def test_a_lock_that_was_released_meanwhile_needs_no_unlocking(stub, tmp_path):
    state = StateAccess("http://server.test/api/terraform/run-7", "run", "the-password-of-this-run")
    made, _ = stub(state=state, inventory=workspace("blue"))
    instead(tmp_path, "plan", LOCKED)
    outcome, _ = run(made)
    assert "(lock 2f1a-77), who has released it by now: run it again" in outcome.reason


def test_an_error_of_terragrunt_itself_is_the_reason(stub, tmp_path):
    said = (
        "echo '05:55:40.220 INFO   Using Error: nothing'",
        r"printf '\e[0;90m05:55:40.220\e[0m \e[0;31mERROR \e[0m [app/web] Error: No function\n'",
        "exit 1",
    )
    made, _ = stub(app="terragrunt")
    instead(tmp_path, "plan", "; ".join(said))
    assert run(made)[0].reason == "No function"


def test_an_apply_that_had_to_be_killed_warns_of_the_lock(stub, tmp_path):
    made, _ = stub(params={"auto_approve": True})
    instead(tmp_path, "apply", "trap '' INT; echo it works; sleep 60 & wait; wait")
    told, guardian = ListReporter(), Guardian.fork(made.mark)
    told.on_line(lambda _n, _t, text: guardian.kill() if text == "it works" else None)
    try:
        outcome = executor_of(made.app)().run(made, told, guardian)
    finally:
        guardian.close()
        told.drain()
    assert outcome.exit_code == 137 and KILLED in told.lines
    assert outcome.if_stopped == KILLED


def test_only_an_apply_that_did_not_end_well_has_something_to_say_of_a_stop(stub, tmp_path):
    made, _ = stub(params={"auto_approve": True})
    assert run(made)[0].if_stopped == ""
    instead(tmp_path, "apply", "exit 1")
    assert run(made)[0].if_stopped == CUT_OFF
    instead(tmp_path, "plan", "exit 1")
    assert run(made)[0].if_stopped == ""


NO_VALUE = r"""
printf '\033[31m│\033[0m \033[1mError: No value for required variable\033[0m\n'
printf '│   on main.tf line 1:\n│    1: \033[4mvariable "token"\033[0m {\n'
echo '│ The root module input variable "token" is not set, and has no default'
echo '│ Error: No value for required variable'
echo '│    4: variable "region" {'
exit 1
"""


def test_variables_without_a_value_are_named(stub, tmp_path):
    made, _ = stub()
    instead(tmp_path, "plan", NO_VALUE)
    assert run(made)[0].reason == (
        "No value for required variable “token”, “region”. "
        "Give it in a group of variables, or let the template ask for it"
    )
