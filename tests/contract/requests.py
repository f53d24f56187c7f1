"""From a transaction of the document to a request that means something here."""

import re
from typing import Any

from tests.contract.document import Transaction
from tests.contract.fixtures import PARAMETERS, Fixtures

Json = Any

# Lists and bodies that mention other objects than their path does.
NEEDS_TEMPLATE = (
    "/templates",
    "/tasks",
    "/last",
    "/schedules",
    "/integrations",
    "/{integration_id}",
)
NEEDS_REPOSITORY = ("/inventory", "/environment", "/repositories", "/host_configs")

# Ids that a body mentions -> what they are taken from.
MENTIONED = {
    "project_id": "project",
    "ssh_key_id": "key",
    "become_key_id": "key",
    "environment_id": "environment",
    "inventory_id": "inventory",
    "repository_id": "repository",
    "template_id": "template",
    "task_id": "task",
    "integration_id": "integration",
    "view_id": "view",
}


def path_of(transaction: Transaction, fixtures: Fixtures) -> str:
    """The path with ids of objects that were made for it."""
    path = transaction.path.rstrip("/")
    in_project = "{project_id}" in path
    if in_project and path.endswith(NEEDS_TEMPLATE):
        fixtures["template"]
    if in_project and transaction.method == "POST" and path.endswith(NEEDS_REPOSITORY):
        fixtures["repository"]
    alias = "own_alias" if "{integration_id}" in path else "alias"
    named = PARAMETERS | {"alias_id": alias}
    made = re.sub(r"\{(\w+)\}", lambda m: str(fixtures[named[m[1]]]), transaction.path)
    if transaction.path.startswith("/project/{project_id}/users/"):
        project, user = fixtures["project"], fixtures["user"]
        fixtures.link(project, user)
    return f"/api{made}"


def body_of(transaction: Transaction, fixtures: Fixtures, path: str) -> Json:
    """The document's example with the ids of these objects, otherwise as Dredd sends it."""
    body = transaction.body
    if not isinstance(body, dict) or transaction.method == "GET":
        return body
    known = {field: fixtures.known(name) for field, name in MENTIONED.items() if field in body}
    body |= {field: value for field, value in known.items() if value is not None}
    if "environment_ids" in body and (environment := fixtures.known("environment")):
        body["environment_ids"] = [environment]
    if "json" in body:
        body["json"] = "{}"
    if "vaults" in body:
        body["vaults"] = []
    body.pop("auth_secret_id", None)  # the example has a number that no key has
    if "build_template_id" in body:
        body["build_template_id"] = None
    if transaction.method == "PUT" and (found := re.search(r"/(\d+)/?$", path)):
        body["id"] = int(found[1])
    return body | _own(transaction, fixtures)


def _own(transaction: Transaction, fixtures: Fixtures) -> dict[str, Json]:
    """What single requests need besides."""
    word = fixtures.word()
    path = transaction.path
    if path == "/users" or (path == "/users/{user_id}/" and transaction.method == "PUT"):
        return {"username": word, "email": f"{word}@x.test"}
    if path.endswith("/password"):
        return {"password": "staub-und-sterne"}
    if path == "/project/{project_id}/users":
        return {"user_id": fixtures.new_user()["id"], "role": "owner"}
    if path.endswith("/tasks"):
        return {"environment": "{}", "arguments": "[]"}
    return {}
