"""The Reporter of a worker: what a run tells goes to its row, its output and those who watch."""

import logging
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from app.db import transaction
from app.executors.spec import Cancelled, PreparationFailed, Process
from app.lib.content import Content
from app.lib.keyring import KeyringError
from app.models import Task, TaskStatus
from app.services import (
    host_keys,
    retention,
    run_manifests,
    task_artifacts,
    task_plan_changes,
    task_states,
    task_tool_outputs,
    terraform_locks,
)
from app.services.patience import in_transaction
from app.services.run_manifests import Manifest
from app.services.task_output_writer import TaskOutput

logger = logging.getLogger(__name__)

COMMIT_MESSAGE = 100  # characters of a commit's first line


class TaskReporter:
    """Reports of one held task. Implements app.executors.spec.Reporter."""

    def __init__(
        self, task: Task, claim: str, output: TaskOutput, manifest: Manifest | None = None
    ) -> None:
        self._task, self._claim, self._output = task, claim, output
        self._manifest = manifest
        self._listeners: list[Callable[[str], None]] = []
        self.checked_out: dict[str, str] = {}  # columns that are written with the next state
        self.cancelled = False
        self._room = 0  # bytes that artifacts may take, as far as it was asked for
        self._takers: dict[str, Callable[..., None]] = {
            "section": self._phase,
            "part": self._part,
            "result": output.result,
            "recap": output.recap,
            "host_key": self._host_key,
            "fact": self._fact,
            "stats": self._stats,
            "plan": self._plan,
            "outputs": self._outputs,
        }

    def line(self, text: str, at: int | None = None) -> None:
        self._output.line(text, at)

    def attach(self, process: Process) -> None:
        self._output.attach(process.output)

    def drain(self) -> None:
        self._output.drain()

    def status(self, status: str) -> None:
        """Change the row by compare-and-set; Cancelled if a stop, or a stranger, was first."""
        if status == self._task.status:
            return
        if not in_transaction(partial(self.settle, TaskStatus(status))):
            raise Cancelled
        for listener in self._listeners:
            self._tell(listener, status)

    def settle(self, status: TaskStatus, **values: Any) -> bool:
        """Write a state, and with it what is known of the run; False: somebody else was first."""
        known = self.checked_out | values
        if not task_states.settle(self._task, status, self._claim, **known):
            return False
        if self._manifest:
            run_manifests.keep(self._task.id, self._manifest.facts())
        return True

    def _tell(self, listener: Callable[[str], None], status: str) -> None:
        try:
            listener(status)
        except (ValueError, TypeError, LookupError, OSError, RuntimeError):
            logger.exception("status listener failed")

    def on_status(self, listener: Callable[[str], None]) -> None:
        self._listeners.append(listener)

    def on_line(self, listener: Callable[[int, int, str], None]) -> None:
        self._output.on_line(listener)

    def on_mark(self, nonce: str, listener: Callable[[int, int | None], None]) -> None:
        self._output.on_mark(nonce, listener)

    def commit(self, hash: str, message: str) -> None:
        masked = self._output.mask(message)[:COMMIT_MESSAGE]
        self.checked_out = {"commit_hash": hash, "commit_message": masked}
        self._fact("commit", {"hash": hash, "message": masked})

    def artifact(self, name: str, content: Content, size: int) -> str:
        if size > self._room:
            self._room = retention.room_for_artifacts(size)
        if size > self._room:
            return retention.NO_ROOM
        store = partial(task_artifacts.keep, self._task.id, self._claim, self._output.mask(name))
        in_transaction(partial(store, content))
        self._room -= size
        return ""

    def build_artifacts(self) -> Iterator[tuple[str, Iterable[bytes]]]:
        with transaction(write=False):
            are_gone = task_artifacts.are_gone(self._task.build_task_id)
        if are_gone:
            self.line("The artifacts of the build were deleted to make room for newer ones")
        try:
            with transaction(write=False):
                yield from task_artifacts.of_build(self._task)
        except KeyringError as error:
            raise PreparationFailed(f"The outputs of the build cannot be read: {error}") from error

    def lock_holder(self) -> str:
        with transaction(write=False):
            workspace_id = self._task.inventory_id or self._task.template.inventory_id
            return terraform_locks.holder(workspace_id) if workspace_id else ""

    def event(self, kind: str, **data: Any) -> None:
        """Pass it on to whoever takes events of this kind."""
        self._takers[kind](**data)

    def _phase(self, phase: str, state: str, status: str = "") -> None:
        self._output.section(phase, state, status)

    def _part(self, part: str, title: str, line: int | None) -> None:
        self._output.part(part, title, line)

    def _fact(self, name: str, value: dict[str, Any]) -> None:
        if self._manifest:
            self._manifest.note(name, value)

    def _stats(self, values: dict[str, Any], size: int) -> None:
        self._fact("stats", {"values": values, "size": size})

    def _plan(self, **told: Any) -> None:
        keep = partial(task_plan_changes.keep, self._task, self._claim, self._output.mask)
        in_transaction(partial(keep, **told))

    def _outputs(self, **told: Any) -> None:
        keep = partial(task_tool_outputs.keep, self._task, self._claim, self._output.mask)
        in_transaction(partial(keep, **told))

    def _host_key(self, **key: Any) -> None:
        in_transaction(partial(host_keys.learn, self._task.project_id, **key))
