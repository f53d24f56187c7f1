"""A process that writes a task's output until it is killed.

python -m tests.services.writer_process DATABASE_URL REDIS_URL TASK_ID CLAIM
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from app.application import create_app
from app.config import Config
from app.services.task_output_writer import TaskOutput


def main(database: str, redis_url: str, task_id: str, claim: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        config = Config(
            DATA_DIR=Path(folder), DATABASE_URL=database, SECRET_KEY="for tests only",
            REDIS_URL=redis_url, TESTING=True,
        )  # fmt: skip
        write(config, int(task_id), claim)


def write(config: Config, task_id: int, claim: str) -> None:
    with create_app(config).app_context():
        output = TaskOutput(task_id, claim)
        process = subprocess.Popen(["seq", "0", "999999999"], stdout=subprocess.PIPE)
        assert process.stdout
        output.attach(process.stdout.fileno())
        process.wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
