"""The outputs of what was applied, asked of the tool. No log has any of the answer."""

from collections.abc import Sequence

from app.executors import terraform_show
from app.executors.execution import Execution
from app.executors.spec import Command, PreparationFailed
from app.lib import tool_outputs
from app.lib.tool_outputs import Unreadable


def tell(execution: Execution, start: Command, program: Sequence[str]) -> None:
    """Report the outputs. What was applied stays so: that they cannot be had is no failure.

    Raises Cancelled.
    """
    reporter = execution.reporter
    try:
        answer = terraform_show.asked(execution, start, [*program, "output", "-json"])
        outputs = tool_outputs.parse(answer) if answer is not None else None
    except PreparationFailed as error:
        reporter.line(f"The outputs were not read: {error}")
        return
    except Unreadable as error:
        reporter.line(f"The outputs cannot be read: {str(error)[:200]}")
        return
    if outputs:
        reporter.event("outputs", outputs=outputs)
        hidden = sum(one.sensitive for one in outputs)
        more = f", {hidden} of them sensitive: their values are not" if hidden else ""
        reporter.line(f"Outputs kept: {len(outputs)}{more}")
