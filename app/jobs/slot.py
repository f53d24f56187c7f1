"""A slot: an RQ worker with a work horse for each nudge, one at a time, forked in advance.

Of all slots of a worker one has the seat and waits for a nudge. It leaves it with the nudge, and
the next one gets ready.
"""

import logging
import os
import signal
import sys
import uuid
from typing import Any, NoReturn

from redis import RedisError
from rq import Queue
from rq.executions import Execution
from rq.job import Job
from rq.serializers import JSONSerializer
from sqlalchemy.exc import SQLAlchemyError

from app.db import db
from app.extensions import publish_kick, queue, redis
from app.jobs import tasks
from app.jobs.patient import PatientWorker
from app.jobs.seat import Seat
from app.jobs.spare import Order, Spare
from app.lib.forks import AGAIN
from app.services import dispatch, rehearsals, sweep, task_runs

logger = logging.getLogger(__name__)

LINGER = 5.0  # seconds after a job in which the next one comes cheaper than to a fresh process


class Slot(PatientWorker):
    """RQ's worker with a spare work horse, and a dead one buried at once."""

    _spare: Spare | None = None
    gave_way = False  # whether it has ended because the seat is somebody else's

    def __init__(self, seat: Seat, *args: Any, **options: Any) -> None:
        """Made by who has the seat."""
        super().__init__(*args, **options)
        self._seat, self._is_seated = seat, True

    def dequeue_job_and_maintain_ttl(self, *args: Any, **options: Any) -> tuple[Job, Queue] | None:
        """Have a work horse ready before the wait for a nudge; None ends this process."""
        if not self._is_seated and not self._seat.take_within(LINGER):
            self.gave_way = True
            return None
        self._is_seated = True
        self._ready()
        found = super().dequeue_job_and_maintain_ttl(*args, **options)
        self._seat.leave()
        self._is_seated = False
        return found

    def fork_work_horse(self, job: Job, queue: Queue) -> None:
        """Name the claim before: the slot must know it when the horse dies."""
        tasks.Claimant.claim_id = str(uuid.uuid4())
        spare, self._spare = self._ready(), None
        self._horse_pid = spare.pid
        assert self.execution  # RQ has made it just before
        names = {"job": job.id, "queue": queue.name, "execution": self.execution.id}
        spare.send(names | {"claim": tasks.Claimant.claim_id})

    def _ready(self) -> Spare:
        if self._spare is None or not self._spare.is_alive:
            self._spare = Spare.fork(self._warm_up, self._be_horse)
        return self._spare

    def _warm_up(self) -> None:
        """Connect, and touch what a claim needs."""
        try:
            self.connection.ping()
            rehearsals.rehearse()
        except (RedisError, SQLAlchemyError):
            logger.info("a spare work horse could not warm up")  # the run will say what is wrong

    def _be_horse(self, order: Order) -> NoReturn:
        """Do what RQ does after its fork, with the job that has come meanwhile."""
        tasks.Claimant.claim_id = order["claim"]
        job = Job.fetch(order["job"], self.connection, self.serializer)
        self.execution = Execution.fetch(order["execution"], job.id, self.connection)
        queue = next(queue for queue in self.queues if queue.name == order["queue"])
        self.main_work_horse(job, queue)
        os._exit(0)

    def setup_work_horse_signals(self) -> None:
        """SIGTERM reaches every process of a machine that shuts down; the horse drains."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, task_runs.drain)
        signal.signal(signal.SIGUSR1, task_runs.give_up)

    def handle_work_horse_killed(self, job: Job, retpid: int, ret_val: int, rusage: Any) -> None:
        logger.warning("work horse died", extra={"status": ret_val})
        sweep.bury_claim(tasks.Claimant.claim_id)
        db.session.remove()
        db.engine.dispose()  # this process forks again: no connection may stay open here
        publish_kick()


def run(number: int, tags: list[str], seat: Seat) -> None:
    """Serve the queues of these tags (none: the queue of tasks without a tag) until SIGTERM."""
    seat.take()
    slot = Slot(
        seat,
        [queue(dispatch.queue_name(tag)) for tag in tags or [""]],
        name=f"{tasks.Claimant.worker_id}-{number}-{os.getpid()}",
        connection=redis.client,
        serializer=JSONSerializer,
        worker_ttl=30,
        job_monitoring_interval=5,
        maintenance_interval=60,
        log_job_description=False,
        default_result_ttl=0,
    )
    slot.work(logging_level="WARNING")
    if slot.gave_way:
        sys.exit(AGAIN)
