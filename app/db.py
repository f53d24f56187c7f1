"""The database session, and the one place where transactions begin and end."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import MetaData, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Session, SessionTransaction

from app.errors import Unavailable

logger = logging.getLogger(__name__)

LOCK_WAIT = 10.0  # seconds a writing view waits for SQLite's lock, in steps that let others run

# A network that swallows packets must not hang who renews a lease longer than the lease lasts.
TIMEOUTS: dict[str, dict[str, Any]] = {
    "postgresql+psycopg": {
        "connect_timeout": 5,
        "keepalives": 1,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 10_000,  # milliseconds
    },
    "mysql+pymysql": {"connect_timeout": 5, "read_timeout": 30, "write_timeout": 30},
}

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    # An id is never given twice, so that it never meets the output stream of an old task.
    __table_args__: Any = {"sqlite_autoincrement": True}


# What was read stays readable after a commit: a work horse needs it while its command runs.
db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})

if TYPE_CHECKING:
    Model = Base  # db.Model is made at run time, where mypy cannot follow.
else:
    Model = db.Model


def tune(engine: Any, busy_ms: int) -> None:
    """SQLite: WAL, foreign keys, no silent BEGIN of the driver, IMMEDIATE where we may write."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin on its own: `begin` does
        for pragma in (f"busy_timeout={busy_ms}", "synchronous=NORMAL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            # A new file. Each of these takes the write lock, and the file remembers them.
            connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
            connection.execute("PRAGMA journal_mode=WAL")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        write = connection.get_execution_options().get("write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def engine_options(url: str, pool_size: int) -> dict[str, Any]:
    """What create_engine needs for the database that a URL names.

    Parameters are hidden in errors, which are logged: they hold hashes, secrets and variables.
    """
    options: dict[str, Any] = {"hide_parameters": True, "pool_timeout": 10}
    if url.startswith("sqlite"):
        return options | {"connect_args": {"check_same_thread": False}, "pool_size": 20}
    options |= {"pool_size": pool_size, "max_overflow": 0, "pool_pre_ping": True}
    if url.startswith("mysql"):
        options["isolation_level"] = "READ COMMITTED"
    driver = url.partition("://")[0]
    return options | {"connect_args": TIMEOUTS.get(driver, {})}


def begin(*, write: bool, patience: float = LOCK_WAIT) -> None:
    """Begin the session's transaction; one that may write takes SQLite's lock here, not later.

    A read snapshot cannot be upgraded, so the lock can be missed at BEGIN only: the driver waits
    a moment, then others get their turn. Raises Unavailable after `patience` seconds.
    """
    deadline = time.monotonic() + patience
    while True:
        try:
            db.session.connection(execution_options={"write": write})
        except OperationalError as error:
            db.session.rollback()
            if "locked" not in str(error.orig):
                raise
            if time.monotonic() > deadline:
                raise Unavailable("The database is busy; nothing was changed") from error
            time.sleep(0.01)  # cooperative under gevent
        else:
            session = db.session()
            session.info["writing"] = session.get_transaction() if write else None
            return


def is_writing() -> bool:
    """Whether the session is in a transaction that was begun to write."""
    session = db.session()
    current = session.get_transaction()
    return current is not None and session.info.get("writing") is current


def on_commit(callback: Callable[..., Any], *args: Any) -> None:
    """Call back once the current transaction has been committed; never if it is rolled back."""
    session = db.session()
    inside = session.get_nested_transaction() or session.get_transaction() or session.begin()
    session.info.setdefault("on_commit", []).append((inside, callback, args))


@event.listens_for(db.session, "after_soft_rollback")
def forget(session: Session, rolled_back: SessionTransaction) -> None:
    """Drop what was queued in a transaction that was rolled back, by whomever.

    A use case may catch an error and roll back itself, and a savepoint may fail alone: this event
    names the transaction, so that a savepoint drops only its own.
    """
    queued = session.info.get("on_commit", [])
    queued[:] = [q for q in queued if not _is_inside(q[0], rolled_back)]


def _is_inside(transaction: SessionTransaction | None, outer: SessionTransaction) -> bool:
    while transaction and transaction is not outer:
        transaction = transaction.parent
    return transaction is outer


@contextmanager
def transaction(*, write: bool = True, patience: float = LOCK_WAIT) -> Iterator[None]:
    """Commit on return, roll back on any exception, then run what waits for the commit.

    One inside another joins it: only the outermost commits, and what is raised goes through to it.
    Raises Unavailable if SQLite's lock is not to be had within `patience` seconds.
    """
    _enter(write, patience)
    info = db.session().info
    if info.get("inside"):
        yield
        return
    info["inside"] = True
    try:
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        info["inside"] = False
    _call_back(info.pop("on_commit", []))


def _enter(write: bool, patience: float) -> None:
    """Be in a transaction; one that only reads is ended first, because it cannot begin to write."""
    session = db.session()
    if write and session.in_transaction() and not is_writing():
        session.commit()
    if not session.in_transaction():
        begin(write=write, patience=patience)


def _call_back(queued: list[Any]) -> None:
    """The row is saved by now, so a callback that fails (Redis is down) is logged and the answer
    stays as it is; the dispatcher's regular look makes up for a lost nudge."""
    for _, callback, args in queued:
        try:
            callback(*args)
        except Exception:
            logger.exception("after-commit callback failed", extra={"callback": repr(callback)})
