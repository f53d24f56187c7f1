"""What the work horse does with a claimed task: prepare, execute, finish.

look -> claim -> run: guardian, lease, output -> executor -> final state, in this order always:
end of file, every line stored, exit status, final state
"""

import logging
import threading
from contextlib import closing
from functools import partial
from typing import Any

from app.db import db
from app.executors import executor_of
from app.executors.outcome import Finding, Outcome
from app.executors.saved_plan import SavedPlan
from app.executors.spec import Cancelled, PreparationFailed, RunSpec
from app.extensions import settings
from app.lib.keyring import KeyringError
from app.lib.process import Guardian
from app.lib.process_tree import kill_children
from app.logs import task_id
from app.models import (
    Task,
    TaskStatus,
)
from app.services import (
    autoruns,
    findings,
    retries,
    run_specs,
    run_stops,
    task_plans,
)
from app.services.lease import Lease, Why
from app.services.patience import in_transaction
from app.services.protection import Refusal
from app.services.run_manifests import Manifest
from app.services.task_output_writer import Fenced, TaskOutput
from app.services.task_reporter import TaskReporter

logger = logging.getLogger(__name__)

S = TaskStatus
End = tuple[TaskStatus, str | None]  # a final state, and the reason of a failure
SHUT_DOWN = "The worker was shut down before the run had finished"


class Drain:
    """What signals have told this process. Handlers only set it; the lease of a run looks at it."""

    asked = False  # SIGTERM: what is being prepared goes back, what runs may finish
    over = False  # SIGUSR1: the grace is over


def drain(*_: Any) -> None:
    """Signal handler: the worker shuts down."""
    Drain.asked = True


def give_up(*_: Any) -> None:
    """Signal handler: the grace of the shutdown is over."""
    Drain.asked = Drain.over = True


def run(task: Task, claim: str) -> None:
    """Run a task that was claimed for this process, to its final state.

    The process must have one thread only: the guardian is forked first.
    """
    task_id.set(task.id)
    guardian = Guardian.fork(claim)
    try:
        TaskRun(task, claim, guardian).execute()
    finally:
        guardian.close()


class TaskRun:
    """One run in this process, with what watches over it."""

    def __init__(self, task: Task, claim: str, guardian: Guardian) -> None:
        self._task, self._claim, self._guardian = task, claim, guardian
        self._grace = settings().STOP_GRACE
        self._lease = Lease(db.engine, task.id, claim, self._end, self._shut_down)
        self._timer = threading.Timer(self._grace, guardian.kill)
        self._timer.daemon = True
        self._reporter: TaskReporter | None = None
        self.is_preparing = task.status == S.STARTING
        self._plan: SavedPlan | None = None  # what somebody has to approve
        self._finding: Finding | None = None  # what it found where it was only to look
        self._is_over = False

    def execute(self) -> None:
        """Run it and write its final state, whatever happens."""
        self._lease.start()
        try:
            spec, refused = _spec_of(self._task)
            with closing(TaskOutput(self._task.id, self._claim)) as output:
                output.hide(spec.secrets if spec else ())
                manifest = _manifest_of(self._task, spec, output) if spec else None
                self._reporter = TaskReporter(self._task, self._claim, output, manifest)
                self._reporter.on_status(self.note_status)
                self._reporter.cancelled = self._lease.why is not None
                end = self._outcome(spec) if spec else _failed(self._reporter, refused)
                self._finish(output, *end)
        except Fenced:
            logger.warning("the task is somebody else's by now")
        finally:
            self._lease.close()
            self._timer.cancel()

    def _outcome(self, spec: RunSpec) -> End:
        """The state it ends in, and the reason if it failed."""
        assert self._reporter
        try:
            outcome = executor_of(spec.app)().run(spec, self._reporter, self._guardian)
        except Cancelled:
            return self._cut_off()
        except PreparationFailed as error:
            return self._cut_off() if self._lease.why else (S.ERROR, str(error))
        except Fenced:
            raise
        except Exception:
            logger.exception("the run failed in the server")
            return _failed(self._reporter, f"The server failed; its log knows more ({spec.mark})")
        finally:
            self._guardian.kill()
        if self._lease.why in (Why.STOPPED, Why.LOST) or (self._lease.why and outcome.exit_code):
            return self._cut_off(outcome.if_stopped)
        self._plan, self._finding = outcome.awaits, outcome.finding
        return (S.WAITING_CONFIRMATION, None) if self._plan else _verdict(outcome)

    def _cut_off(self, note: str = "") -> End:
        """What becomes of a run that had to end early; `note` is what its page says of a stop."""
        if self._lease.why == Why.LOST:
            raise Fenced
        if self._lease.why == Why.SHUTDOWN:
            again = self.is_preparing or self._task.template.rerun_if_lost
            return (S.WAITING, None) if again else (S.ERROR, SHUT_DOWN)
        if not note:
            return S.STOPPED, None
        assert self._reporter
        told = run_stops.told(self._task)
        self._reporter.line(told)
        return S.STOPPED, f"{told}. {note}"

    def _finish(self, output: TaskOutput, status: TaskStatus, reason: str | None) -> None:
        """Every line is stored before anybody can read the final state."""
        output.drain()
        self._is_over = True
        masked = output.mask(reason) if reason else None
        if not in_transaction(partial(self._settle, status, masked)):
            raise Fenced
        if self._task.is_finished:  # else it is queued again, and its output goes on
            output.finish()

    def _settle(self, status: TaskStatus, reason: str | None) -> bool:
        """Write the state; where a stop came in between it ends as stopped, never as failed."""
        assert self._reporter
        settle = self._reporter.settle
        following = retries.of(self._task) if status == S.ERROR else None
        result = self._finding.words if self._finding else None
        if not settle(status, reason=reason, result=result):
            return settle(S.STOPPED)
        if self._plan:
            task_plans.keep(self._task, self._plan)
        if following:
            retries.queue(following)
        if self._finding:
            findings.note(self._task, self._finding)
        elif status == S.SUCCESS and self._task.template.type:
            autoruns.start_after(self._task)
        return True

    def note_status(self, status: str) -> None:
        """Called when the state has changed: a run that works is no longer prepared."""
        self.is_preparing = status == S.STARTING

    def _shut_down(self) -> Why | None:
        """Whether the worker's end is the run's: what works has a grace, what is prepared not."""
        over = Drain.over or (Drain.asked and self.is_preparing)
        return Why.SHUTDOWN if over else None

    def _end(self, why: Why, force: bool) -> None:
        """Called by the lease: stop what runs, at first gently unless `force`."""
        if self._is_over:
            return  # the row is no longer held because this run has given it its final state
        logger.info("ending the run early", extra={"why": why, "force": force})
        if self._reporter:
            self._reporter.cancelled = True
        if force or self.is_preparing:
            self._guardian.kill()
        else:
            self._guardian.terminate()
            self._timer.start()
        kill_children(exclude={self._guardian.pid})


def _spec_of(task: Task) -> tuple[RunSpec | None, str]:
    """The run in plain values, or why it cannot be made; no transaction stays open."""
    if Refusal.reason:
        return None, Refusal.reason
    try:
        return run_specs.build(task), ""
    except KeyringError as error:
        return None, f"A secret of this run cannot be decrypted: {error}"
    finally:
        db.session.commit()


def _manifest_of(task: Task, spec: RunSpec, output: TaskOutput) -> Manifest:
    """What the run is made of, as far as it is known before; no transaction stays open."""
    try:
        return Manifest.of(task, spec, output.mask)
    finally:
        db.session.commit()


def _failed(reporter: TaskReporter, reason: str) -> End:
    reporter.line(reason)
    return S.ERROR, reason


def _verdict(outcome: Outcome) -> End:
    if outcome.succeeded:
        return S.SUCCESS, None
    return S.ERROR, outcome.reason or f"The command ended with exit code {outcome.exit_code}"
