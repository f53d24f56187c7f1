"""The keys of an ssh server, asked for a project that wants to pin them."""

from typing import Any

from app.executors.questions import Question
from app.executors.questions.hosts import HostKeys
from app.models import Project
from app.services.probe_kinds.base import ProbeKind


def _host_keys(project: Project, host: str, port: int = 22) -> Question:
    return HostKeys(host, port)


def _no_versions(project: Project, **_: Any) -> list[int]:
    """What a server answers does not depend on the project."""
    return []


HOST_KEYS = ProbeKind(Project, _host_keys, _no_versions)
