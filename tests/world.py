"""One of everything in two projects, so that every route has something to act upon."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.db import db
from app.lib.plan_changes import Change, PlanChanges
from app.models import AccessKey, Integration, IntegrationAlias, Project, User
from app.schemas.access_keys import AccessKeyIn
from app.services import access_keys, api_tokens, sessions
from tests import factories, kept_rows
from tests.services.hosts import tell


@dataclass(frozen=True)
class World:
    """`mine` and `foreign` map a path's parameters to ids: of the cast's project, of another one.

    What may be deleted is referred to by nothing; `used_…` are the objects that a template uses;
    in the idle project, which the cast has as well, nothing is active.
    """

    mine: dict[str, Any]
    foreign: dict[str, Any]


@kept_rows.once
def build(people: dict[str, User], project: Project) -> World:
    """Fill the cast's project, and another one that nobody of the cast takes part in."""
    other = factories.project("Somebody else's")
    member = factories.user("erin", password=factories.password_hash())
    factories.member(project, member, "guest")
    stranger = factories.user("zoe")
    factories.member(other, stranger, "owner")
    everywhere = {"slug": factories.role(None, "operators").slug}
    mine = _objects(project) | everywhere | _own(people["mallory"])
    mine |= {"user_id": member.id, "idle_project_id": factories.project_of(people).id}
    foreign = _objects(other) | everywhere | {"user_id": stranger.id, "idle_project_id": other.id}
    return World(*({"new_user_id": people["mallory"].id} | ids for ids in (mine, foreign)))


def _objects(project: Project) -> dict[str, Any]:
    template = factories.template(project)
    used = template.repository
    busy = factories.template(project, "Busy", repository_id=used.id)
    finished = factories.task(template, status="success")
    tell(finished, {"web1": ["ok"]})
    factories.plan(finished, PlanChanges((Change("a.b", "managed", "create"),), {"create": 1}))
    return {
        "project_id": project.id,
        "key_id": _key(project).id,
        "ssh_key_id": _ssh_key(project).id,
        "host_config_id": factories.host_config(project).id,
        "host_key_id": factories.host_key(project).id,
        "repository_id": factories.repository(project, ssh_key_id=used.ssh_key_id).id,
        "inventory_id": factories.inventory(project).id,
        "environment_id": factories.environment(project).id,
        "template_id": template.id,
        "task_id": finished.id,
        "artifact_id": factories.artifact(finished, "report.txt", b"all is well").id,
        "view_id": factories.view(project).id,
        "role_slug": factories.role(project, "deployers").slug,
        "perm_id": factories.attached(template, factories.role(project, "testers")).id,
        "schedule_id": factories.schedule(template).id,
        "app_name": "python",
        **_hook(project, factories.integration(template)),
        **_state(project),
        **_workspaces(project, used.id),
        "host_id": 1,
        "change_id": 1,
        "result_id": 1,
        "used_template_id": busy.id,
        "used_repository_id": used.id,
        "used_key_id": used.ssh_key_id,
        "active_task_id": factories.task(busy, status="waiting").id,
        "app": "bash",
        "name": "icons.svg",
        "path": "history",
    }


def _hook(project: Project, integration: Integration) -> dict[str, Any]:
    own, shared = factories.alias(project, integration), factories.alias(project)
    ids = {row.alias: row.id for row in db.session.scalars(select(IntegrationAlias))}
    return {
        "integration_id": integration.id,
        "matcher_id": factories.matcher(integration).id,
        "value_id": factories.extract_value(integration, "id", "ID").id,
        "delivery_id": factories.delivery(integration).id,
        "alias": own,
        "kind": "conditions",
        "sender": "github",
        "own_alias_id": ids[own],
        "alias_id": ids[shared],
    }


def _state(project: Project) -> dict[str, Any]:
    workspace, key = factories.workspace(project), factories.login_key(project)
    older, newer = factories.state(workspace), factories.state(workspace, 2)
    alias, locked = factories.state_alias(workspace, key), factories.workspace(project, "locked")
    factories.state_lock(locked)
    return {
        "workspace_id": workspace.id,
        "locked_id": locked.id,
        "state_id": older.id,
        "newer_state_id": newer.id,
        "login_key_id": key.id,
        "state_alias": alias.alias,
        "state_alias_id": alias.id,
        "address": alias.alias,
        "act": "delete",
        "word": "approve",
    }


def _workspaces(project: Project, repository_id: int) -> dict[str, Any]:
    """A template that holds one beside its default, and one that nobody holds."""
    default, held, free = (factories.workspace(project, name) for name in ("a", "b", "c"))
    shape = {"app": "terraform", "inventory_id": default.id, "repository_id": repository_id}
    infra = factories.template(project, "Infra", **shape)
    default.template_id = held.template_id = infra.id
    factories.save()
    return {"infra_id": infra.id, "held_id": held.id, "free_id": free.id}


def _key(project: Project) -> AccessKey:
    data = AccessKeyIn.model_validate(
        {"name": "Login", "type": "login_password", "login_password": {"password": "s3cret"}}
    )
    key = access_keys.create(project, data, actor=None)
    db.session.commit()
    return key


def _ssh_key(project: Project) -> AccessKey:
    return factories.access_key(project, "Deploy", type="ssh")


def _own(user: User) -> dict[str, Any]:
    """What a user has of his own: a password, a token, a session."""
    user.password = factories.password_hash()
    token = api_tokens.create(user)[1]
    sessions.open_for(user, ip="127.0.0.1", user_agent="another browser")
    db.session.commit()
    session = sessions.list_for(user)[0].id
    return {"token": token, "token_prefix": token[:8], "session": session}
