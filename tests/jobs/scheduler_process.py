"""A loop that starts what is due by a clock in a file, and dies now and then at the worst moments.

python -m tests.jobs.scheduler_process DATABASE_URL REDIS_URL DATA_DIR CLOCK

CLOCK holds a moment in ISO format; the loop ends when it is empty. Each commit has a small chance
to be the last thing before the death of the process, or the first that it does not live to see.
"""

import os
import random
import signal
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import event

from app.application import create_app
from app.config import Config
from app.db import db
from app.services import schedule_fires

CHANCE = 1 / 500  # of each commit, before and after it


def main(database: str, redis_url: str, folder: str, clock: str) -> None:
    config = Config(
        DATA_DIR=Path(folder), DATABASE_URL=database, SECRET_KEY="for tests only",
        REDIS_URL=redis_url, TESTING=True, SQLITE_BUSY_MS=10_000,
    )  # fmt: skip
    with create_app(config).app_context():
        for moment in ("before_commit", "after_commit"):
            event.listen(db.session, moment, die_perhaps)
        while told := Path(clock).read_text():
            schedule_fires.fire_due(datetime.fromisoformat(told))
            db.session.remove()
            time.sleep(0.001)


def die_perhaps(_session: Any) -> None:
    if random.random() < CHANCE:
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(*sys.argv[1:])
