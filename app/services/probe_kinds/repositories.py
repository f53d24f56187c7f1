"""Looks at a repository: can it be reached, what is in it."""

from typing import Any

from app.executors import kind_of
from app.executors.questions import Question
from app.executors.questions.repositories import Reachable, ScriptNames, Tags, Text, Tree
from app.executors.scripts import PLAYBOOKS
from app.executors.spec import RepositorySpec, RunSpec
from app.models import Project, Repository
from app.services import access_keys, engine_settings, run_keys, run_specs
from app.services.probe_kinds.base import ProbeKind

CLONING = 30.0  # seconds: the first look at files clones the repository


def run_about(repository: Repository, branch: str = "", commit: str = "") -> RunSpec:
    """What git needs to know of a repository, as a run would have it."""
    source = run_specs.repository_spec(repository)
    return run_in(repository.project_id, source, branch, commit)


def run_in(project_id: int, source: RepositorySpec, branch: str = "", commit: str = "") -> RunSpec:
    """A run without a task and a script, for what only needs to know where it would be."""
    return RunSpec(
        task_id=0,
        project_id=project_id,
        app="",
        playbook="",
        repository=source,
        settings=engine_settings.of_server(),
        host_keys=run_specs.host_keys(project_id),
        host_configs=run_specs.host_configs(project_id),
        mark="",
        git_branch=branch,
        commit=commit,
    )


def versions(repository: Repository, **_: Any) -> list[int]:
    """What git says depends on the key as well."""
    return [repository.lock_version, repository.ssh_key.lock_version]


def _reachable(repository: Repository) -> Question:
    return Reachable(run_about(repository))


def _tags(repository: Repository) -> Question:
    return Tags(run_about(repository))


def _tree(repository: Repository, path: str = "", branch: str = "", commit: str = "") -> Question:
    return Tree(run_about(repository, branch, commit), path)


def _text(repository: Repository, path: str = "", branch: str = "", commit: str = "") -> Question:
    return Text(run_about(repository, branch, commit), path)


def _scripts(repository: Repository, app: str = "", branch: str = "") -> Question:
    scripts = kind_of(app).scripts if app else PLAYBOOKS
    return ScriptNames(run_about(repository, branch), scripts)


def _address(project: Project, url: str, key_id: int, branch: str = "") -> Question:
    key = access_keys.get(project, key_id)
    source = RepositorySpec(
        id=0, url=url, branch=branch, key=str(key.id), access=run_keys.key_of(key)
    )
    return Reachable(run_in(project.id, source))


def _address_versions(project: Project, key_id: int, **_: Any) -> list[int]:
    return [access_keys.get(project, key_id).lock_version]


REPOSITORY = ProbeKind(Repository, _reachable, versions)
TAGS = ProbeKind(Repository, _tags, versions)
TREE = ProbeKind(Repository, _tree, versions, limit=CLONING)
TEXT = ProbeKind(Repository, _text, versions, limit=CLONING)
SCRIPTS = ProbeKind(Repository, _scripts, versions, limit=CLONING)
ADDRESS = ProbeKind(Project, _address, _address_versions)
