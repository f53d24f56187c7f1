"""The probe slot: an RQ worker that answers the questions of pages, one at a time.

It is reserved for them, so that they are answered while all slots for tasks are busy, and takes
no nudge. A horse that overstays its time is killed with all that it has started.
"""

import logging
import os
import signal
from contextlib import suppress
from typing import Any

from redis import RedisError
from rq.job import Job, get_current_job
from rq.serializers import JSONSerializer

from app.db import db
from app.extensions import queue, redis
from app.jobs.patient import PatientWorker
from app.jobs.tasks import Claimant
from app.services import probes, probing
from app.services.probe_kinds import KINDS

logger = logging.getLogger(__name__)

LOOK_EVERY = 1  # seconds between two looks at a horse's time
OVERTIME = 4.0  # seconds after its limit at which a horse is killed from outside


def look(key: str, kind: str, row_id: int, versions: list[int], args: dict[str, Any]) -> None:
    """The job: it carries ids and small values, never a secret."""
    job = get_current_job()
    assert job
    try:
        probing.look(job.id, key, kind, row_id, versions, args)
    finally:
        db.session.remove()


class ProbeSlot(PatientWorker):
    """RQ's worker; what dies or fails in it is reported to who has asked."""

    def maintain_heartbeats(self, job: Job) -> None:
        super().maintain_heartbeats(job)
        if self.current_job_working_time > KINDS[job.args[1]].limit + OVERTIME:
            self.kill_horse(signal.SIGKILL)

    def handle_work_horse_killed(self, job: Job, retpid: int, ret_val: int, rusage: Any) -> None:
        logger.warning("a look-up died", extra={"kind": job.args[1], "status": ret_val})
        probing.bury(job.id, job.args[0])

    def handle_exception(self, job: Job, *exc_info: Any) -> None:
        """Called in the horse for what nobody has foreseen."""
        logger.error("a look-up failed", exc_info=exc_info, extra={"kind": job.args[1]})
        probing.fail(job.id, job.args[0], probing.FAILED)


def run() -> None:
    """Serve the questions to all workers, and those to this one, until SIGTERM."""
    own = queue(probes.queue_name(Claimant.worker_id))
    slot = ProbeSlot(
        [own, queue(probes.queue_name())],
        name=f"{Claimant.worker_id}-probes-{os.getpid()}",
        connection=redis.client,
        serializer=JSONSerializer,
        worker_ttl=30,
        job_monitoring_interval=LOOK_EVERY,
        maintenance_interval=60,
        log_job_description=False,
        default_result_ttl=0,
    )
    slot.work(logging_level="WARNING")


def close() -> None:
    """Forget the queue of this worker's own questions; called when its slot has ended."""
    with suppress(RedisError):
        queue(probes.queue_name(Claimant.worker_id)).delete()
