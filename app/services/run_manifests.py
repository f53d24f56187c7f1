"""What a run was made of: gathered by its worker, kept in one row, compared by run_comparisons.

The facts, a JSON object; what is not known is not there:

    v, key          1, and the id of the key of its hashes
    commit          hash, branch, message
    variables       see run_variables.of_run
    parameters      what this run was given: {name: value or hash}
    template        the template's fields when it ran: {name: value or hash}; questions and the
                    tool's parameters have `parts`, {name: value or hash}
    inventory       id, name, type; hash, files and commit of what was really used
    tools           versions by name
    requirements    versions of roles, collections and Python packages
    command         the command line
    stats           values that a playbook has set with set_stats, and their size as JSON
"""

import json
import threading
from collections.abc import Callable, Mapping
from typing import Any, Self

from sqlalchemy import insert, select, update

from app.db import db
from app.executors.environment import as_text
from app.executors.spec import RunSpec
from app.models import Task, TaskManifest, TaskTemplate
from app.services import builds, run_variables
from app.services.fingerprints import Fingerprints
from app.services.run_variables import may_be_secret
from app.services.task_results import masked

FORM = 1
# Of a template: what says it all when it is shown, and what may hold anything.
PLAIN = (
    "name", "app", "playbook", "working_directory", "git_branch", "type", "start_version",
    "autorun", "allow_override_args_in_task", "allow_override_branch_in_task",
    "allow_any_vars_in_task", "allow_parallel_tasks", "runner_tag", "max_duration",
    "rerun_if_lost", "retries", "retry_pause",
)  # fmt: skip
PARTED = ("survey_vars", "task_params")

Facts = dict[str, Any]
Entry = dict[str, Any]  # {"hash": …} and perhaps {"value": …}


class Manifest:
    """The facts of a run that goes on; any thread may add to them."""

    def __init__(self, facts: Facts, prints: Fingerprints, mask: Callable[[str], str]) -> None:
        self._facts, self._prints, self._mask = facts, prints, mask
        self._lock = threading.Lock()

    @classmethod
    def of(cls, task: Task, spec: RunSpec, mask: Callable[[str], str]) -> Self:
        """What is known before the run begins."""
        prints = Fingerprints.of_project(task.project_id)
        entries = _Entries(prints, mask)
        facts: Facts = {
            "v": FORM,
            "key": prints.key_id,
            "commit": {"branch": spec.branch},
            "variables": run_variables.of_run(task, spec, prints, mask),
            "parameters": entries.of("parameter", _parameters(task)),
            "template": entries.of("template", _template(task.template)),
        }
        if spec.inventory:
            inventory = spec.inventory
            named = {"id": inventory.id, "name": inventory.name, "type": inventory.type}
            facts["inventory"] = masked(named, mask)
        return cls(facts, prints, mask)

    def note(self, name: str, value: Mapping[str, Any]) -> None:
        """Add what has become known."""
        found = masked(dict(value), self._mask)
        if name == "inventory":  # Short texts can be guessed from digests without a key.
            found |= {part: self._keyed(found[part]) for part in ("hash", "files") if part in found}
        with self._lock:
            self._facts[name] = self._facts.get(name, {}) | found

    def facts(self) -> Facts:
        """What is known now."""
        with self._lock:
            return dict(self._facts)

    def _keyed(self, digest: Any) -> Any:
        if isinstance(digest, dict):
            return {name: self._prints.of("inventory", one) for name, one in digest.items()}
        return self._prints.of("inventory", digest)


class _Entries:
    """Values as they are kept: with a hash each, and in clear where nothing speaks against it."""

    def __init__(self, prints: Fingerprints, mask: Callable[[str], str]) -> None:
        self._prints, self._mask = prints, mask

    def of(self, place: str, values: Mapping[str, Any]) -> dict[str, Entry]:
        return {
            self._mask(name): self._entry(f"{place}:{name}", name, value)
            for name, value in values.items()
        }

    def _entry(self, place: str, name: str, value: Any) -> Entry:
        hashed: Entry = {"hash": self._prints.of(place, value)}
        if place in {f"template:{part}" for part in PARTED}:
            return hashed | {"parts": self._parts(place, name, value)}
        shown = ", ".join(map(str, value)) if isinstance(value, list) else value
        called = f"{name} {shown}" if name == "arguments" else name  # as in --token=…
        if may_be_secret(called, shown) or self._mask(str(shown)) != str(shown):
            return hashed
        return hashed | {"value": shown}

    def _parts(self, place: str, name: str, value: Any) -> dict[str, Entry]:
        """The questions, or the parameters of the tool, one by one."""
        if name == "task_params":
            return self.of(place, value or {})
        questions = {one["name"]: one for one in value or ()}
        told = {variable: _of_question(one) for variable, one in questions.items()}
        hashes = {self._mask(variable): {"hash": self._prints.of(f"{place}:{variable}", one)}
                  for variable, one in questions.items()}  # fmt: skip
        return {variable: entry | hashes[variable]
                for variable, entry in self.of(place, told).items()}  # fmt: skip


def _of_question(question: Mapping[str, Any]) -> str:
    """What it asks for, in short: type=int, required=true, max=9."""
    told = {name: value for name, value in question.items() if name != "name" and value}
    return ", ".join(f"{name}={as_text(value)}" for name, value in told.items())


def _parameters(task: Task) -> dict[str, Any]:
    """What the run was given besides its answers."""
    given = {"branch": task.git_branch, "version": task.version, **(task.params or {})}
    given["build_version"] = builds.incoming(task)
    given["arguments"] = json.loads(task.arguments or "null")
    given["inventory"] = task.inventory.name if task.inventory else None
    given["variables"] = task.own_group.name if task.own_group else None
    given["max_duration"] = task.max_duration
    return {name: value for name, value in given.items() if value not in (None, "", [])}


def _template(row: TaskTemplate) -> dict[str, Any]:
    """Its fields, and by name what it refers to."""
    repository = row.repository
    return {
        **{name: getattr(row, name) for name in (*PLAIN, "arguments", *PARTED)},
        "repository": repository.name,
        "repository_branch": repository.git_branch,
        "inventory": row.inventory.name if row.inventory else None,
        "environments": [group.name for group in row.environments],
    }


def keep(task_id: int, facts: Facts) -> None:
    """Store the facts of a run; call it in the transaction that has made sure whose it is."""
    row = update(TaskManifest).where(TaskManifest.task_id == task_id)
    done = db.session.execute(
        row.values(facts=facts), execution_options={"synchronize_session": False}
    )
    if not done.rowcount:  # type: ignore[attr-defined]
        db.session.execute(insert(TaskManifest).values(task_id=task_id, facts=facts))


def as_json(values: Any) -> bytes:
    """Values as a file of JSON."""
    return json.dumps(values, indent=2, ensure_ascii=False, sort_keys=True).encode() + b"\n"


def find(task: Task) -> Facts:
    """What a run was made of; of one from before manifests, what its row says."""
    stored = db.session.scalar(select(TaskManifest.facts).where(TaskManifest.task_id == task.id))
    if stored:
        return stored
    if not task.commit_hash:
        return {}
    return {"commit": {"hash": task.commit_hash, "message": task.commit_message}}
