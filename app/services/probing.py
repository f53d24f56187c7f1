"""The worker's side of look-ups: from a question in the queue to an answer, in its own process."""

import logging
from contextlib import suppress
from typing import Any

from rq.timeouts import JobTimeoutException

from app.db import db, transaction
from app.errors import DomainError
from app.executors.questions import Look, NoAnswer, TookTooLong
from app.executors.questions.inventories import folder_of
from app.executors.spec import PreparationFailed
from app.extensions import settings
from app.lib.git_errors import GitError
from app.lib.git_urls import BadRef, BadUrl
from app.lib.keyring import KeyringError
from app.lib.process_tree import kill_marked
from app.lib.workspaces import NoPlace, remove
from app.services import probes
from app.services.probe_kinds import KINDS, ProbeKind

logger = logging.getLogger(__name__)

GONE = "What was asked about has been deleted."
FAILED = "The server failed; its log knows more."
Found = tuple[dict[str, Any] | None, str, bool]  # the answer, else the reason; may pass by itself


def look(
    job: str, key: str, kind: str, row_id: int, versions: list[int], args: dict[str, Any]
) -> None:
    """Answer the question under `key` unless somebody else has, or nobody waits any more.

    `job` is unique; all processes that are started carry it as their mark.
    """
    wanted = KINDS[kind]
    if not probes.take(key, job, wanted.limit):
        return
    answer, reason, temporary = _found(wanted, Look(job, wanted.limit), row_id, args)
    if wanted.note and not temporary:
        with transaction():
            wanted.note(row_id, versions, answer, reason)
    probes.settle(key, job, answer, reason, temporary=temporary)


def fail(job: str, key: str, reason: str) -> None:
    """Nobody will answer any more: say so, unless it is answered already."""
    probes.settle(key, job, None, reason, temporary=True)


def bury(job: str, key: str) -> None:
    """The process that looked has died: nothing of it may stay, and who asked is told."""
    kill_marked(job)
    with suppress(OSError):  # the hourly round finds what cannot be deleted now
        remove(folder_of(settings().DATA_DIR, job))
    fail(job, key, probes.DIED)


def _found(kind: ProbeKind, look: Look, row_id: int, args: dict[str, Any]) -> Found:
    try:
        question = _prepared(kind, row_id, args)
        return (question.answer(look), "", False) if question else (None, GONE, False)
    except (TookTooLong, JobTimeoutException):
        return None, f"It took longer than {kind.limit:g} s.", True
    except GitError as error:
        return None, _with_last_words(error), error.retryable
    except (NoAnswer, BadUrl, BadRef, PreparationFailed, DomainError) as error:
        return None, str(error), False
    except KeyringError as error:
        return None, f"A secret of it cannot be decrypted: {error}", False
    except NoPlace as error:
        return None, str(error), True
    except OSError as error:
        logger.warning("a look-up failed", extra={"error": str(error)})
        return None, f"The machine of the worker failed: {error.strerror or error}", True


def _prepared(kind: ProbeKind, row_id: int, args: dict[str, Any]) -> Any:
    """The question in plain values; none if the object is gone. No transaction stays open."""
    with transaction(write=False):
        row = db.session.get(kind.model, row_id)
        return kind.prepare(row, **args) if row else None


def _with_last_words(error: GitError) -> str:
    """The class of failure in our words, then git's own last line, which may know more."""
    last = error.output.rpartition("\n")[2].strip()
    return f"{error} (git: {last})" if last else str(error)
