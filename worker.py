"""python worker.py: a keeper, N slots that run tasks and one that looks things up, all forked.

SIGTERM drains: no new task is taken, what is being prepared goes back into the queue, what runs may
finish within the grace, and the rest ends with the reason that the worker was shut down.
"""

from app.lib.hardening import become_undumpable, scrub_environment

become_undumpable()

import gc

# What is imported stays: to look for garbage meanwhile takes a seventh of the start.
gc.disable()

import contextlib
import os
import signal
import sys
import tempfile
from dataclasses import replace
from functools import partial

from flask import Flask

from app.config import Config
from app.core import create_core
from app.db import db, transaction
from app.executors import ssh
from app.jobs import keeper, probes, slot, tasks
from app.jobs.seat import Seat
from app.lib import machine, scratch
from app.lib.forks import Forks
from app.lib.process_tree import descendants
from app.lib.settings import SettingError
from app.services import protection, rehearsals, setup, workers

LONGEST_FOR_SOCKETS = 60  # bytes; a socket's name may have 107
BURIAL = 8.0  # seconds that tasks which are cut off get to end truthfully


def main() -> None:
    """Preload, fork, tend the children until SIGTERM or SIGINT, drain."""
    app = make_app()
    config: Config = app.config["HELIOGRAPH"]
    slots = config.WORKER_SLOTS or machine.slots_for(machine.memory_limit(), machine.cores())
    app.app_context().push()  # for this process and all that it forks
    keep_apart(config)
    register(slots)
    forks = Forks()
    forks.add("keeper", lambda: keeper.Keeper(tasks.Claimant.worker_id).run())
    seat = Seat()
    for number in range(slots):
        forks.add(f"slot-{number}", partial(slot.run, number, [], seat))
    forks.add("probes", probes.run)
    tend(forks)
    drain(forks, config.SHUTDOWN_GRACE)
    probes.close()


def make_app() -> Flask:
    """The application with a database that waits for locks; settings that are wrong end it here."""
    try:
        app = create_core(replace(Config.load(), SQLITE_BUSY_MS=10_000))
        with app.app_context():
            setup.ensure_admin(app.config["HELIOGRAPH"])
    except SettingError as error:
        sys.exit(f"heliograph: {error}")
    scrub_environment()
    return app


def keep_apart(config: Config) -> None:
    """Keep temporary files where no task can reach them, and see whether tasks may start at all."""
    own = config.DATA_DIR.resolve() / "tmp"
    own.mkdir(mode=0o700, exist_ok=True)
    if len(os.fsencode(own)) <= LONGEST_FOR_SOCKETS:
        tempfile.tempdir = str(own)
    scratch.remove_dead(ssh.SHORT)
    protection.require()


def register(slots: int) -> None:
    """Enter this worker, then make ready for forks: they inherit statements, not connections."""
    with transaction():
        tasks.Claimant.worker_id = workers.register(slots, [])
    rehearsals.warm()
    db.session.remove()
    db.engine.dispose()
    gc.collect()
    gc.freeze()  # the collector of a fork leaves the shared pages alone
    gc.enable()


def tend(forks: Forks) -> None:
    """Keep all children running until a signal says otherwise."""
    stopping = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.append(True))
    signal.signal(signal.SIGCHLD, lambda *_: None)  # lets sigtimedwait return
    while not stopping:
        forks.tend()
        got = signal.sigtimedwait([signal.SIGCHLD, signal.SIGTERM, signal.SIGINT], 0.5)
        if got and got.si_signo != signal.SIGCHLD:  # its handler is not called
            return


def drain(forks: Forks, grace: float) -> None:
    """End in order: drained within the grace, then truthfully cut off, then killed."""
    forks.forward(signal.SIGTERM)
    horses(forks, signal.SIGTERM)  # after the slots, which fork no more
    if not forks.wait(grace):
        horses(forks, signal.SIGUSR1)
    if not forks.wait(BURIAL):
        horses(forks, signal.SIGKILL)
        forks.forward(signal.SIGKILL)
        forks.wait(1)


def horses(forks: Forks, number: int) -> None:
    """Send a signal to the work horses: what lies directly below the slots."""
    for slot_pid in forks.pids:
        for horse in descendants(slot_pid)[:1]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(horse, number)


if __name__ == "__main__":
    main()
