"""What stands above every tab of a run: its state, what can be done with it, and the tabs."""

import re
from datetime import timedelta
from typing import Any

from flask import request

from app.clock import utcnow
from app.executors import executor_of
from app.lib import plan_counts
from app.models import HELD, Project, Task, TaskStatus
from app.services import (
    builds,
    dispatch,
    retries,
    run_manifests,
    run_specs,
    task_artifacts,
    task_hosts,
    task_params,
    task_plans,
    task_stages,
    workers,
)
from app.web import plain_log, plan_words
from app.web.change_words import in_short
from app.web.rights import rights

TABS = ("Log", "What changed", "Plan", "Hosts", "Artifacts", "Details")
REFUSED = (TaskStatus.WAITING_CONFIRMATION, TaskStatus.REJECTED)
PATIENCE = timedelta(seconds=3)  # after a stop, before it can be forced


def head(project: Project, task: Task, tab: str = "Log") -> dict[str, Any]:
    """What the templates of all tabs need; `tab` is the one that is shown."""
    reason, planned = dispatch.waiting_reason(task), task_plans.of(task)
    counts = planned.counts if planned else None
    hosts = task_hosts.counts(task)
    troubled = sum(hosts.get(outcome, 0) for outcome in task_hosts.BAD)
    may_limit = "limit" in {one.name for one in task_params.opened(task.template)}
    return {
        "project": project,
        "task": task,
        "tab": tab,
        "reason": reason,
        "taken": task_stages.taken_at(task),
        "blocker": re.search(r"#(\d+)", reason or ""),
        "host": workers.host_of(task.worker_id) if task.status in HELD else "",
        "telling_line": plain_log.telling_line(task) if task.status == TaskStatus.ERROR else 0,
        "may_force": task.status == TaskStatus.STOPPING and _is_overdue(task),
        "hosts": hosts,
        "troubled": troubled,
        "awaits_hosts": task.status == TaskStatus.RUNNING and not hosts and _has_hosts(task),
        "may_limit": may_limit,
        "changed": in_short(task),
        "next_try": retries.after(task) if task.status == TaskStatus.ERROR else None,
        "artifacts": task_artifacts.count(task) if task.is_finished else 0,
        "planned": planned,
        "plan": planned if task.status == TaskStatus.WAITING_CONFIRMATION else None,
        "approved": task_plans.said(planned) if planned and task.status not in REFUSED else "",
        "plan_short": plan_words.in_short(counts),
        "plan_told": plan_counts.sentence(counts),
        "version": task.version or builds.incoming(task),
        "workspace": workspace_of(task),
        "may_rerun": bool(troubled and may_limit and task_hosts.troubled(task)),
        **rights(task.template_id),
    }


def workspace_of(task: Task) -> str:
    """Whose state it changes: the workspace that it has found, before that the one it would find;
    "" where its tool has none."""
    if not executor_of(task.template.app).takes_workspace:
        return ""
    found = run_manifests.find(task).get("inventory") or {}
    inventory = run_specs.inventory_of(task)
    return found.get("name") or (inventory.name if inventory else "")


def named_tab() -> str:
    """The tab that a part of the page belongs to, as the page has said."""
    asked = request.args.get("tab", "")
    return asked if asked in TABS else TABS[0]


def _has_hosts(task: Task) -> bool:
    """Whether there will be results of hosts: their tab comes with the first of them."""
    return executor_of(task.template.app).needs_inventory


def _is_overdue(task: Task) -> bool:
    """Whether it was asked to stop so long ago that a person may want to force it."""
    return task.stop_asked is None or utcnow() - task.stop_asked >= PATIENCE
