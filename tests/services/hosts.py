"""What the hosts of a run came to, as its work horse would have stored it."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any

from app.db import db
from app.models import Task
from app.services.task_output_writer import TaskOutput
from app.services.task_reporter import TaskReporter

Told = str | tuple[str, dict[str, Any]]  # a status, and what else is told of the result


def tell(task: Task, hosts: Mapping[str, Sequence[Told]]) -> None:
    """Each host's results of the tasks "task 1", "task 2" …, whatever state the run is in."""
    status, claim = task.status, task.claim
    task.status, task.claim = "running", "told"
    db.session.commit()
    with closing(TaskOutput(task.id, "told")) as output:
        reporter = TaskReporter(task, "told", output)
        for number in range(max(map(len, hosts.values()), default=0)):
            title = f"task {number + 1}"
            reporter.event("part", part="task", title=title, line=output.line(f"TASK [{title}]"))
            for host, results in hosts.items():
                for result in results[number : number + 1]:
                    _result(reporter, output.line(f"[{host}]"), host, result)
        output.drain()
    db.session.expire_all()
    task.status, task.claim = status, claim
    db.session.commit()


def _result(reporter: TaskReporter, line: int, host: str, told: Told) -> None:
    status, more = (told, {}) if isinstance(told, str) else told
    usual = {"ignored": False, "rescued": False, "started": 1, "duration": 40, "detail": {}}
    reporter.event("result", host=host, status=status, line=line, **usual | more)
