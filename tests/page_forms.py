"""What the forms of tests/page_routes.py send, made of the ids of the URL."""

from io import BytesIO
from typing import Any

from tests.factories import PUBLIC_KEY
from tests.routes import Ids


def repository(ids: Ids) -> dict[str, Any]:
    return {
        "name": "R",
        "git_url": "git@git.example.test:team/app.git",
        "git_branch": "main",
        "ssh_key_id": ids["used_key_id"],
    }


def template(ids: Ids) -> dict[str, Any]:
    return {"name": "T", "playbook": "hello.sh", "repository_id": ids["used_repository_id"]}


def role(_ids: Ids) -> dict[str, Any]:
    return {"name": "Release team", "bits": ["1", "4"]}


def attached(ids: Ids) -> dict[str, Any]:
    return {"role_slug": ids["role_slug"], "bits": "1"}


def schedule(ids: Ids) -> dict[str, Any]:
    return {"cron_format": "0 2 * * *", "template_id": ids["used_template_id"]}


def mapping(ids: Ids) -> dict[str, Any]:
    return {"type": "host", "host": "git.example.test", "ssh_key_id": ids["ssh_key_id"]}


def known(_ids: Ids) -> dict[str, Any]:
    return {"lines": f"web1.example.test ssh-ed25519 {PUBLIC_KEY}"}


def state_address(ids: Ids) -> dict[str, Any]:
    return {"auth_key_id": ids["login_key_id"]}


def hook(ids: Ids) -> dict[str, Any]:
    return {"name": "Hook", "template_id": ids["used_template_id"]}


def condition(_ids: Ids) -> dict[str, Any]:
    given = {"name": "branch", "match_type": "body", "method": "equals"}
    return given | {"body_data_type": "json", "key": "ref", "value": "main"}


def person(_ids: Ids) -> dict[str, Any]:
    return {"name": "Nina", "username": "nina", "email": "nina@example.test"}


def backup(_ids: Ids) -> dict[str, Any]:
    return {"file": (BytesIO(b'{"meta": {"name": "Again"}}'), "project.json")}
