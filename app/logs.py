"""Logging set-up: one format for all processes, with request id and task id on every line."""

import json
import logging
import secrets
import sys
from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="")
task_id: ContextVar[int | None] = ContextVar("task_id", default=None)

_STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def new_request_id() -> str:
    """Return 12 characters that name one request in the log and on an error page."""
    return secrets.token_hex(6)


def init(level: str = "INFO", fmt: str = "text") -> None:
    """Send every log record to standard error, as text or one JSON object a line."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if fmt == "json" else TextFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("alembic", "git", "paramiko", "rq"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLevelName(level)))


def _fields(record: logging.LogRecord) -> dict[str, object]:
    """The ids of the context, then what the call gave in `extra=`."""
    found: dict[str, object] = {"request": request_id.get(), "task": task_id.get()}
    found |= {k: v for k, v in vars(record).items() if k not in _STANDARD}
    return {k: v for k, v in found.items() if v not in ("", None)}


class TextFormatter(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        first, _, rest = super().format(record).partition("\n")
        fields = "".join(f" {k}={_in_one_line(v)}" for k, v in _fields(record).items())
        return first + fields + ("\n" + rest if rest else "")


def _in_one_line(value: object) -> str:
    """What somebody sent must not look like a line of its own, nor speak to the terminal."""
    text = str(value)
    return text if text.isprintable() else repr(text)


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": self.formatTime(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **_fields(record),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)
