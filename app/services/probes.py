"""Look-ups for pages that talk to git, to hosts or to tools: asked here, made by a worker.

    state = probes.ask("repository", repository)       # a worker looks, once for all who ask
    state = probes.state_of("repository", repository)  # what a fragment that polls shows

An answer is kept for a minute and holds no secret. A page asks only about objects that it was given
through its project, so whoever may not see the project learns nothing.
"""

import hashlib
import json
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Self

from redis import RedisError

from app.db import on_commit
from app.extensions import PREFIX, queue, redis
from app.services import workers
from app.services.probe_kinds import KINDS

KEPT = 60  # seconds that an answer, or a failure, is shown for
QUEUE_LIMIT = 30  # seconds after which a look that no worker has taken is given up
GRACE = 8  # seconds after the time limit of a look in which its worker must have said so
MOST_WAITING = 200  # looks in one queue
LARGEST = 1 << 20  # bytes of an answer

NO_REDIS = "The queue does not answer, so nothing can be looked up. Try again in a moment."
NO_WORKER = "No worker is online, so nothing can be looked up. Start one: python worker.py"
TOO_MANY = "Too many look-ups are waiting. Try again in a moment."
NOT_TAKEN = f"No worker had time for it within {QUEUE_LIMIT} s. Try again."
DIED = "The worker that looked has died. Try again."
TOO_LARGE = "There is too much to be shown here."


class Status(StrEnum):
    NONE = "none"  # nobody has asked within the last minute
    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class State:
    """What is known: the `answer` when done, the `reason` in a person's words when failed.

    `temporary`: it is not the object's fault, and asking again may help.
    """

    status: Status
    answer: dict[str, Any] = field(default_factory=dict)
    reason: str = ""
    temporary: bool = False
    at: datetime | None = None  # when it was answered or has failed

    @property
    def is_pending(self) -> bool:
        return self.status == Status.PENDING

    @property
    def is_done(self) -> bool:
        return self.status == Status.DONE

    @property
    def has_failed(self) -> bool:
        return self.status == Status.FAILED


def ask(kind: str, row: Any, *, again: bool = False, worker: str = "", **args: Any) -> State:
    """Have a worker look unless one does, or did within the last minute; return what is known now.

    `kind` is one of probe_kinds.KINDS and `row` what it is about, fetched through the project of
    the request. `args` are small JSON values and never secrets: they go into the queue. `again`
    looks anew although an answer, or a failure, is known. `worker` is the id of the one that shall
    look, for what differs from machine to machine. The job leaves after the caller's commit.

    A change of the object (its lock_version, and that of what it rests on) makes a new question.
    """
    question = Question.of(kind, row, worker, args)
    try:
        record, now = _read(question.key)
    except RedisError:
        return _failed(NO_REDIS)
    if record is None or (again and _is_over(record, now)):
        on_commit(_send, question, again)
        return State(Status.PENDING) if _is_served(worker) else _failed(NO_WORKER)
    return _shown(record, now, worker)


def state_of(kind: str, row: Any, *, worker: str = "", **args: Any) -> State:
    """What is known of a question that `ask` was given with the same arguments; it starts nothing.

    Nothing stays pending for ever: without a worker, or when its worker has died, it has failed.
    """
    try:
        record, now = _read(Question.of(kind, row, worker, args).key)
    except RedisError:
        return _failed(NO_REDIS)
    return _shown(record, now, worker) if record else State(Status.NONE)


@dataclass(frozen=True)
class Question:
    """A question as it goes into the queue; equal ones have the same key."""

    kind: str
    row_id: int
    versions: list[int]
    args: dict[str, Any]
    worker: str

    @classmethod
    def of(cls, kind: str, row: Any, worker: str, args: dict[str, Any]) -> Self:
        return cls(kind, row.id, KINDS[kind].versions(row, **args), args, worker)

    @property
    def key(self) -> str:
        told = json.dumps([self.versions, self.args, self.worker], sort_keys=True)
        digest = hashlib.sha256(told.encode()).hexdigest()[:24]
        return f"{PREFIX}probe:{self.kind}:{self.row_id}:{digest}"


def queue_name(worker: str = "") -> str:
    """The queue of all workers' probe slots, or of one's own."""
    return f"probes:{worker}" if worker else "probes"


def take(key: str, job: str, limit: float) -> bool:
    """Called by the worker: begin to look; False if the question is no longer this job's."""
    record, now = _read(key)
    if record is None or record["job"] != job or _is_over(record, now):
        return False
    _write(key, record | {"taken": True, "until": now + limit + GRACE}, limit + GRACE + KEPT)
    return True


def settle(
    key: str, job: str, answer: dict[str, Any] | None, reason: str = "", *, temporary: bool = False
) -> None:
    """Called by the worker: publish the answer, or the reason why there is none (answer None).

    Nothing happens if somebody has asked anew meanwhile, or it is settled already.
    """
    record, now = _read(key)
    if record is None or record["job"] != job or "at" in record:
        return
    if answer is not None and len(json.dumps(answer)) > LARGEST:
        answer, reason = None, TOO_LARGE
    told = {"answer": answer, "reason": reason, "temporary": temporary}
    _write(key, {"job": job, "until": 0, "at": now} | told, KEPT)


def _send(question: Question, again: bool) -> None:
    """Note that it is asked, then tell the workers, unless somebody else was first."""
    job = str(uuid.uuid4())
    pending = {"job": job, "until": _now() + QUEUE_LIMIT, "taken": False}
    if not _write(question.key, pending, QUEUE_LIMIT + KEPT, only_new=not again):
        return
    waiting = queue(queue_name(question.worker))
    if waiting.count >= MOST_WAITING:
        settle(question.key, job, None, TOO_MANY, temporary=True)
        return
    waiting.enqueue(
        "app.jobs.probes.look",
        args=(question.key, question.kind, question.row_id, question.versions, question.args),
        job_id=job,
        job_timeout=int(KINDS[question.kind].limit) + 2,
        result_ttl=0,
        failure_ttl=KEPT,
    )


def _shown(record: dict[str, Any], now: float, worker: str) -> State:
    if "at" in record:
        at = datetime.fromtimestamp(record["at"], UTC)
        if record["answer"] is not None:
            return State(Status.DONE, record["answer"], at=at)
        return State(
            Status.FAILED, reason=record["reason"], temporary=record["temporary"], at=at
        )  # fmt: skip
    if _is_over(record, now):
        return _failed(DIED if record["taken"] else NOT_TAKEN)
    if not record["taken"] and not _is_served(worker):
        return _failed(NO_WORKER)
    return State(Status.PENDING)


def _is_served(worker: str) -> bool:
    online = workers.online()
    return any(found.id == worker for found in online) if worker else bool(online)


def _is_over(record: dict[str, Any], now: float) -> bool:
    """Whether nothing will become of it any more: it is settled, or its time has run out."""
    return now > record["until"]


def _failed(reason: str) -> State:
    return State(Status.FAILED, reason=reason, temporary=True)


def _read(key: str) -> tuple[dict[str, Any] | None, float]:
    """What is noted, and the time by the one clock that all machines share."""
    pipe = redis.client.pipeline(transaction=False)
    pipe.get(key)
    pipe.time()
    text, (seconds, micro) = pipe.execute()
    return (json.loads(text) if text else None), seconds + micro / 1e6


def _now() -> float:
    seconds, micro = redis.client.time()
    return float(seconds + micro / 1e6)


def _write(key: str, record: dict[str, Any], seconds: float, *, only_new: bool = False) -> bool:
    return bool(redis.client.set(key, json.dumps(record), px=int(seconds * 1000), nx=only_new))
