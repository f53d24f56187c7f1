"""What the requests of tests/routes.py send: JSON that is valid, made of the ids of the URL."""

from collections.abc import Mapping
from typing import Any

Ids = Mapping[str, Any]


def key(ids: Ids) -> dict[str, Any]:
    return {"id": ids.get("key_id"), "project_id": ids["project_id"], "name": "K", "type": "none"}


def repository(ids: Ids) -> dict[str, Any]:
    return {
        "id": ids.get("repository_id"),
        "project_id": ids["project_id"],
        "name": "R",
        "git_url": "git@git.example.test:team/app.git",
        "git_branch": "main",
        "ssh_key_id": ids["used_key_id"],
    }


def state_alias(ids: Ids) -> dict[str, Any]:
    return {"auth_key_id": ids["login_key_id"]}


def inventory(ids: Ids) -> dict[str, Any]:
    given = {"name": "I", "type": "static", "inventory": "localhost"}
    return given | {"id": ids.get("inventory_id"), "project_id": ids["project_id"]}


def environment(ids: Ids) -> dict[str, Any]:
    given = {"name": "E", "json": "{}", "env": "{}"}
    return given | {"id": ids.get("environment_id"), "project_id": ids["project_id"]}


def view(ids: Ids) -> dict[str, Any]:
    return {"project_id": ids["project_id"], "title": "Deploy", "position": 1}


def integration(ids: Ids) -> dict[str, Any]:
    given = {"name": "Hook", "template_id": ids["used_template_id"]}
    return given | {"id": ids.get("integration_id"), "project_id": ids["project_id"]}


def matcher(_ids: Ids) -> dict[str, Any]:
    given = {"name": "branch", "match_type": "body", "method": "equals"}
    return given | {"body_data_type": "json", "key": "ref", "value": "main"}


def value(_ids: Ids) -> dict[str, Any]:
    given = {"name": "commit", "value_source": "body", "body_data_type": "json"}
    return given | {"key": "head.id", "variable": "COMMIT"}


def schedule(ids: Ids) -> dict[str, Any]:
    given = {"name": "Nightly", "cron_format": "0 2 * * *"}
    return given | {"project_id": ids["project_id"], "template_id": ids["used_template_id"]}


def host_config(ids: Ids) -> dict[str, Any]:
    given = {"type": "host", "host": "git.example.test", "ssh_key_id": ids["ssh_key_id"]}
    return given | {"id": ids.get("host_config_id"), "project_id": ids["project_id"]}


def template(ids: Ids) -> dict[str, Any]:
    return {
        "id": ids.get("template_id"),
        "project_id": ids["project_id"],
        "name": "T",
        "app": "bash",
        "playbook": "hello.sh",
        "repository_id": ids["used_repository_id"],
    }


def role(ids: Ids) -> dict[str, Any]:
    return {"slug": "release-team", "name": "Release team", "permissions": 1}


def renamed(_ids: Ids) -> dict[str, Any]:
    return {"name": "Deployers", "permissions": 5}


def attached(ids: Ids) -> dict[str, Any]:
    return {"role_slug": ids["role_slug"], "permissions": 1}


def user(_ids: Ids) -> dict[str, Any]:
    return {"name": "Nina", "username": "nina", "email": "nina@example.test"}
