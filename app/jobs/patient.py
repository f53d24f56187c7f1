"""RQ's worker as all slots need it: neither an outage of Redis nor a signal costs a job.

RQ asks Redis while it watches a work horse, and within its signal handler. What that raises would
end the slot, and with it the horse.
"""

import os
from contextlib import suppress
from typing import Any

from redis import RedisError
from rq import Worker
from rq.job import Job
from rq.worker.base import WorkerStatus

HEARTBEAT = 15  # seconds after which RQ takes a slot for dead; its default is seven minutes


class PatientWorker(Worker):
    """Watches its work horse with Redis or without; SIGTERM ends it after the job it has."""

    max_connection_wait_time = 1.0  # RQ doubles its pause up to a minute while Redis is away

    def get_heartbeat_ttl(self, job: Job) -> int:
        return HEARTBEAT

    def request_stop(self, signum: int, frame: Any) -> None:
        """Signal handler: end at once where no job is, else after it.

        It raises nothing, as RQ's would: that comes out of whatever code runs just now, and what
        comes out of a destructor is printed and forgotten.
        """
        self._stop_requested = True
        if self.get_state() != WorkerStatus.BUSY:
            os._exit(0)

    def set_current_job_working_time(self, *args: Any, **options: Any) -> None:
        with suppress(RedisError):
            super().set_current_job_working_time(*args, **options)

    def maintain_heartbeats(self, job: Job) -> None:
        with suppress(RedisError):
            super().maintain_heartbeats(job)
