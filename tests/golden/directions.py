"""What was done between the recorded exchanges and is not among them, and what is done instead of
requests that are refused here, so that the exchanges after them have something to show."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Request:
    """What the administrator does; `makes` is the recorded id, or the alias."""

    path: str
    body: dict[str, Any]
    makes: int | str = 0
    method: str = "POST"


def _member(project: int, user: int, role: str) -> Request:
    return Request(f"/api/project/{project}/users", {"user_id": user, "role": role})


def _template(makes: int, name: str, playbook: str, **values: Any) -> Request:
    body = {"name": name, "playbook": playbook, "repository_id": 2, "app": "bash"}
    body |= {"project_id": 1, "inventory_id": 4, "environment_id": 5, "description": "says hello"}
    body |= {"allow_override_args_in_task": True} | values
    return Request("/api/project/1/templates", body, makes)


NOWHERE = Request(
    "/api/project/1/repositories",
    {
        "name": "nosuch",
        "project_id": 1,
        "git_url": "file:///srv/git/nosuch.git",
        "git_branch": "main",
        "ssh_key_id": 11,
    },
    8,
)
FROM_REPOSITORY = Request(
    "/api/project/1/inventory",
    {
        "name": "dup repo",
        "project_id": 1,
        "inventory": "a",
        "type": "file",
        "ssh_key_id": 11,
        "repository_id": 6,
    },
    16,
)
BUILD = Request("/api/project/1/views", {"title": "Build", "project_id": 1}, 5)


def _alias(integration: int, name: str) -> Request:
    return Request(f"/api/project/1/integrations/{integration}/aliases", {}, name)


def _on_main(integration: int) -> Request:
    body = {"name": "on main", "match_type": "body", "method": "equals", "body_data_type": "json"}
    body |= {"key": "ref", "value": "refs/heads/main", "integration_id": integration}
    return Request(f"/api/project/1/integrations/{integration}/matchers", body)


BARE = Request(
    "/api/project/1/integrations",
    {"name": "bare", "project_id": 1, "template_id": 5, "auth_method": ""},
    9,
)
SITE = Request(
    "/api/project/1/templates/6",
    {
        "id": 6,
        "name": "Site",
        "project_id": 1,
        "playbook": "site.yml",
        "app": "ansible",
        "description": "says hello",
        "repository_id": 2,
        "inventory_id": 4,
        "environment_id": 1,
        "view_id": 1,
        "git_branch": "main",
        "allow_override_args_in_task": True,
    },
    method="PUT",
)

# Before the exchange of that name.
DIRECTIONS: dict[str, tuple[Request, ...]] = {
    "project_users 45": (_member(1, 5, "guest"),),
    "project_users 48": (_member(1, 5, "guest"),),
    "projects 43": (_member(3, 7, "owner"),),
    "repositories 49": (FROM_REPOSITORY,),
    "views 21": (BUILD,),
    "webhooks 0": (
        *(_on_main(integration) for integration in (2, 3, 4)),
        BARE,
        _alias(3, "h0xsfdietgrytm0w"),
        _alias(4, "j1zqjyjmhho885n2"),
        _alias(9, "ij76d6el1pdgwzxc"),
    ),
    "tasks 0": (SITE, _template(29, "Slow", "slow.sh"), _template(30, "Fail", "fail.sh")),
    "tasks 61": (
        _template(31, "Missing file", "nosuch.sh"),
        NOWHERE,
        _template(32, "No repo", "hello.sh", repository_id=8),
    ),
    "backup 3": (_member(3, 5, "guest"),),
}

# What is changed in the body of a refused request before it is sent again.
INSTEAD: dict[str, dict[str, Any]] = {
    "user 5": {},
    "projects 8": {"name": "Nameless"},
    "keys 8": {"type": "none"},
    "tasks 0": {"environment": None},
    "tasks 20": {"limit": None},
    "tasks 48": {"environment": None},
    "tasks 63": {"git_branch": None},
}
