"""The hosts of a run as people look at them: who is in trouble, and what each task came to."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select

from app.db import db
from app.errors import NotFound
from app.models import Task, TaskHost, TaskResult, TaskSection
from app.services.task_results import unpack

SIZE = 100  # hosts of a page
RESULTS = 200  # of one host that its page shows
ERRORS = 1000  # of a run that are listed
SHORT = 200  # characters of an error in a list
SLOWEST = 5
OUTCOMES = ("unreachable", "failed", "changed", "ok", "skipped")  # the worst first
BAD = ("unreachable", "failed")
LIMIT = 60_000  # characters: an argument of a program may have twice as many bytes
_PATTERN = frozenset("*?[]!&~@,")  # what `--limit` does not take for part of a name


@dataclass(frozen=True)
class HostRow:
    """A host with how it has fared; `error` is the short reason of its last failure."""

    host: TaskHost
    outcome: str
    error: str = ""


@dataclass(frozen=True)
class Page:
    """Some hosts, the troubled first; `total` match, `counts` are all hosts by outcome.

    It is page `number` of `last`.
    """

    rows: list[HostRow]
    total: int
    counts: dict[str, int]
    number: int
    last: int

    @property
    def has_more(self) -> bool:
        return self.number < self.last


@dataclass(frozen=True)
class ResultRow:
    """What a task came to on a host; `title` is the task's name, "" if it is not known."""

    result: TaskResult
    title: str
    error: str = ""


def counts(task: Task) -> dict[str, int]:
    """How many hosts came to what, the worst outcome first; empty without results."""
    outcome = _outcome()
    query = select(outcome, func.count()).where(TaskHost.task_id == task.id).group_by(outcome)
    found = {row[0]: row[1] for row in db.session.execute(query)}
    return {name: found[name] for name in OUTCOMES if name in found}


def find(task: Task, *, text: str = "", outcome: str = "", number: int = 1) -> Page:
    """A page of hosts with `text` in their name that came to `outcome` ("": to anything).

    Instead of a page that does not exist it is the nearest that does.
    """
    query = _matching(task, text, outcome)
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    last = max(1, -(-total // SIZE))
    number = min(max(1, number), last)
    rank = case({name: place for place, name in enumerate(OUTCOMES)}, value=_outcome())
    shown = query.order_by(rank, TaskHost.host, TaskHost.seq).offset((number - 1) * SIZE)
    rows = [(row[0], row[1]) for row in db.session.execute(shown.limit(SIZE))]
    errors = _errors(task, [host.seq for host, outcome in rows if outcome in BAD])
    return Page(
        rows=[HostRow(host, outcome, errors.get(host.seq, "")) for host, outcome in rows],
        total=total,
        counts=counts(task),
        number=number,
        last=last,
    )


def everyone(task: Task) -> Iterator[HostRow]:
    """All hosts by name."""
    query = _matching(task, "", "").order_by(TaskHost.host, TaskHost.seq)
    yield from (HostRow(row[0], row[1]) for row in db.session.execute(query))


def get(task: Task, seq: int) -> TaskHost:
    """A host of the run. Raises NotFound."""
    host = db.session.get(TaskHost, (task.id, seq))
    if host is None:
        raise NotFound(f"Run {task.id} has no host {seq}")
    return host


def results(task: Task, host: TaskHost) -> list[ResultRow]:
    """The results of a host in the order of the run, failures before all others."""
    query = (
        select(TaskResult, TaskSection.title)
        .outerjoin(
            TaskSection,
            (TaskSection.task_id == TaskResult.task_id)
            & (TaskSection.seq == TaskResult.section_seq),
        )
        .where(TaskResult.task_id == task.id, TaskResult.host_seq == host.seq)
        .order_by(TaskResult.status.in_(BAD).desc(), TaskResult.seq)
        .limit(RESULTS)
    )
    return [
        ResultRow(result, title or "", short(result) if result.status in BAD else "")
        for result, title in db.session.execute(query)
    ]


def detail(task: Task, host: TaskHost, seq: int) -> tuple[TaskResult, dict[str, Any]]:
    """A result of a host and what its module has answered. Raises NotFound."""
    result = db.session.get(TaskResult, (task.id, seq))
    if result is None or result.host_seq != host.seq:
        raise NotFound(f"Run {task.id} has no result {seq}")
    return result, unpack(result.detail)


def short(result: TaskResult) -> str:
    """The first line of the reason of a failure."""
    told = unpack(result.detail)
    texts = (str(told.get(name, "")).strip() for name in ("msg", "stderr", "stdout", "exception"))
    text = next(filter(None, texts), "")
    return text.splitlines()[0][:SHORT] if text else ""


def errors(task: Task) -> list[dict[str, Any]]:
    """What failed and was not ignored, the first ERRORS: id, task_id, host, task, error."""
    query = (
        select(TaskResult, TaskHost.host, TaskSection.title)
        .join(TaskHost, (TaskHost.task_id == task.id) & (TaskHost.seq == TaskResult.host_seq))
        .outerjoin(
            TaskSection,
            (TaskSection.task_id == task.id) & (TaskSection.seq == TaskResult.section_seq),
        )
        .where(TaskResult.task_id == task.id, TaskResult.status.in_(BAD))
        .where(TaskResult.ignored.is_(False))
        .order_by(TaskResult.seq)
        .limit(ERRORS)
    )
    return [
        {"id": row.seq, "task_id": task.id, "host": host, "task": title or "", "error": short(row)}
        for row, host, title in db.session.execute(query)
    ]


def slowest(task: Task) -> list[tuple[str, int, int]]:
    """The tasks of the playbook that took longest: name, ms, first line."""
    took = TaskSection.last_ms - TaskSection.first_ms
    query = (
        select(TaskSection.title, took, TaskSection.first_line)
        .where(TaskSection.task_id == task.id, TaskSection.kind.in_(("task", "handler")))
        .where(TaskSection.last_ms.is_not(None))
        .order_by(took.desc(), TaskSection.seq)
        .limit(SLOWEST)
    )
    return [(title, ms or 0, line) for title, ms, line in db.session.execute(query)]


def troubled(task: Task) -> list[str]:
    """The names of the hosts that failed or were out of reach, as a limit for a next run.

    Empty if there are none, if a limit cannot name them, or if they are too many for one.
    """
    bad = _outcome().in_(BAD)
    query = select(TaskHost.host).where(TaskHost.task_id == task.id, bad).order_by(TaskHost.seq)
    names = list(db.session.scalars(query))
    fits = sum(map(len, names)) + len(names) <= LIMIT
    return names if fits and not any(_PATTERN.intersection(name) for name in names) else []


def _outcome() -> ColumnElement[str]:
    """The worst that a host came to."""
    worst = [(getattr(TaskHost, name) > 0, name) for name in ("unreachable", "failed", "changed")]
    only_skipped = (TaskHost.skipped > 0) & (TaskHost.ok == 0)
    return case(*worst, (only_skipped, "skipped"), else_="ok")


def _matching(task: Task, text: str, outcome: str) -> Select[Any]:
    found: Any = select(TaskHost, _outcome().label("outcome"))
    query: Select[Any] = found.where(TaskHost.task_id == task.id)
    if text:
        query = query.where(TaskHost.host.icontains(text, autoescape=True))
    if outcome:
        query = query.where(_outcome() == outcome)
    return query


def _errors(task: Task, hosts: list[int]) -> dict[int, str]:
    """The reason of each host's last failure that was not ignored."""
    last = (
        select(func.max(TaskResult.seq))
        .where(TaskResult.task_id == task.id, TaskResult.host_seq.in_(hosts))
        .where(TaskResult.status.in_(BAD), TaskResult.ignored.is_(False))
        .group_by(TaskResult.host_seq)
    )
    query = select(TaskResult).where(TaskResult.task_id == task.id, TaskResult.seq.in_(last))
    return {row.host_seq: short(row) for row in db.session.scalars(query)} if hosts else {}
