"""A slot: an RQ worker that forks a work horse for each nudge, one at a time."""

import logging
import os
import signal
import uuid
from typing import Any

from rq import Queue, Worker
from rq.job import Job
from rq.serializers import JSONSerializer

from app.db import db
from app.extensions import publish_kick, queue, redis
from app.jobs import tasks
from app.services import dispatch, sweep, task_runs

logger = logging.getLogger(__name__)

HEARTBEAT = 15  # seconds after which RQ takes a slot for dead; its default is seven minutes


class Slot(Worker):
    """RQ's worker with our times, and with a dead work horse buried at once."""

    max_connection_wait_time = 1.0  # RQ doubles its pause up to a minute while Redis is away

    def get_heartbeat_ttl(self, job: Job) -> int:
        return HEARTBEAT

    def fork_work_horse(self, job: Job, queue: Queue) -> None:
        """Name the claim before the fork: the slot must know it when the horse dies."""
        tasks.Claimant.claim_id = str(uuid.uuid4())
        super().fork_work_horse(job, queue)

    def setup_work_horse_signals(self) -> None:
        """SIGTERM reaches every process of a machine that shuts down; the horse drains."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, task_runs.drain)
        signal.signal(signal.SIGUSR1, task_runs.give_up)

    def request_force_stop(self, signum: int, frame: Any) -> None:
        """A second SIGTERM is RQ's cold shutdown, which would kill the horse: we know only one."""

    def handle_work_horse_killed(self, job: Job, retpid: int, ret_val: int, rusage: Any) -> None:
        logger.warning("work horse died", extra={"status": ret_val})
        sweep.bury_claim(tasks.Claimant.claim_id)
        db.session.remove()
        db.engine.dispose()  # this process forks again: no connection may stay open here
        publish_kick()


def run(number: int, tags: list[str]) -> None:
    """Serve the queues of these tags (none: the queue of tasks without a tag) until SIGTERM."""
    slot = Slot(
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
