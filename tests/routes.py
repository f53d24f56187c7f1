"""Every route of the API with who may call it and a request that succeeds, for test_guard.

The pages are in tests/page_routes.py.

A new route gets a line here. `access` is written down once more on purpose: a mark that was
changed by mistake is noticed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.guard import ADMIN, CREATE_PROJECT, PUBLIC, SIGNED_IN
from app.permissions import Permission
from tests import route_bodies as bodies
from tests.factories import PASSWORD
from tests.route_bodies import Ids

SELF = "oneself or an administrator"
ADMIN_IN_PROJECT = "an administrator; members learn that, strangers nothing"
VIEW, RUN = Permission.VIEW, Permission.RUN_TASKS
RESOURCES, PROJECT, USERS = (
    Permission.MANAGE_RESOURCES,
    Permission.UPDATE_PROJECT,
    Permission.MANAGE_USERS,
)

EVERYBODY = ("nobody", "mallory", "dave", "carol", "bob", "alice", "root")


@dataclass(frozen=True)
class Route:
    """`status` is the answer to the least of those who may; `body` makes the JSON (API) or the
    form (pages) from the ids of the URL; `ids` replaces ids of the world by others of it."""

    access: str | Permission
    status: int = 200
    body: Callable[[Ids], Any] | None = None
    ids: Mapping[str, str] = field(default_factory=dict)
    query: str = ""


IN_PROJECT = "/api/project/<project_id>"
STATE = f"{IN_PROJECT}/inventory/<inventory_id>/terraform"
HOLDING = f"{IN_PROJECT}/templates/<template_id>/inventory/<inventory_id>"
OF_STATE, OF_LOCK = {"inventory_id": "workspace_id"}, {"inventory_id": "locked_id"}
OF_INFRA = {"template_id": "infra_id", "inventory_id": "held_id"}
FREE = OF_INFRA | {"inventory_id": "free_id"}
HOOKS = f"{IN_PROJECT}/integrations"
HOOK = f"{HOOKS}/<integration_id>"
DONE = 204

API: dict[str, Route] = {
    "GET /api/ping": Route(PUBLIC),
    "GET /api/docs": Route(PUBLIC),
    "GET /api/docs/openapi.json": Route(PUBLIC),
    "GET /api/docs/<name>": Route(PUBLIC, 404),
    "GET /api/auth/login": Route(PUBLIC),
    "POST /api/auth/login": Route(PUBLIC, DONE, lambda _: {"auth": "erin", "password": PASSWORD}),
    "POST /api/auth/logout": Route(PUBLIC, DONE),
    "POST /api/auth/token": Route(PUBLIC, 200, lambda _: {"auth": "erin", "password": PASSWORD}),
    "POST /api/auth/refresh": Route(PUBLIC, 401, lambda _: {"refresh_token": "used"}),
    "POST /api/auth/revoke": Route(PUBLIC, DONE, lambda _: {"refresh_token": "used"}),
    "GET /api/info": Route(SIGNED_IN),
    "GET /api/user": Route(SIGNED_IN),
    "GET /api/user/options": Route(SIGNED_IN),
    "POST /api/user/options": Route(
        SIGNED_IN, 200, lambda _: {"key": "nav.unpinnedItems", "value": "[]"}
    ),
    "GET /api/options": Route(ADMIN),
    "POST /api/options": Route(ADMIN, 200, lambda _: {"key": "my.option", "value": "v"}),
    "GET /api/user/tokens": Route(SIGNED_IN),
    "POST /api/user/tokens": Route(SIGNED_IN, 201, lambda _: {"name": "ci"}),
    "DELETE /api/user/tokens/<token>": Route(SIGNED_IN, DONE),
    "GET /api/users": Route(SIGNED_IN),
    "GET /api/apps": Route(SIGNED_IN),
    "GET /api/apps/<app_name>": Route(ADMIN),
    "PUT /api/apps/<app_name>": Route(ADMIN, DONE, lambda _: {"title": "Ours"}),
    "POST /api/apps/<app_name>": Route(ADMIN, DONE, lambda _: {"title": "Ours"}),
    "DELETE /api/apps/<app_name>": Route(ADMIN, DONE),
    "POST /api/apps/<app_name>/active": Route(ADMIN, DONE, lambda _: {"active": True}),
    "DELETE /api/cache": Route(ADMIN, DONE),
    "GET /api/roles": Route(ADMIN),
    "POST /api/roles": Route(ADMIN, 201, bodies.role),
    "GET /api/roles/<slug>": Route(ADMIN),
    "PUT /api/roles/<slug>": Route(ADMIN, DONE, bodies.renamed),
    "POST /api/roles/<slug>": Route(ADMIN, DONE, bodies.renamed),
    "DELETE /api/roles/<slug>": Route(ADMIN, DONE),
    "POST /api/users": Route(ADMIN, 201, bodies.user),
    "GET /api/users/<user_id>": Route(SELF),
    "PUT /api/users/<user_id>": Route(SELF, DONE, bodies.user),
    "DELETE /api/users/<user_id>": Route(SELF, DONE),
    "POST /api/users/<user_id>/password": Route(SELF, DONE, lambda _: {"password": "new one"}),
    "GET /api/projects": Route(SIGNED_IN),
    "POST /api/projects": Route(CREATE_PROJECT, 201, lambda _: {"name": "P"}),
    "GET /api/events": Route(SIGNED_IN),
    "GET /api/events/last": Route(SIGNED_IN),
    "GET /api/tasks": Route(ADMIN),
    "DELETE /api/tasks/<task_id>": Route(ADMIN, DONE, ids={"task_id": "active_task_id"}),
    f"GET {IN_PROJECT}": Route(VIEW),
    f"PUT {IN_PROJECT}": Route(
        PROJECT, DONE, lambda ids: {"id": ids["project_id"], "name": "Renamed"}
    ),
    f"DELETE {IN_PROJECT}": Route(PROJECT, DONE, ids={"project_id": "idle_project_id"}),
    f"GET {IN_PROJECT}/role": Route(VIEW),
    f"DELETE {IN_PROJECT}/me": Route(VIEW, DONE),
    f"GET {IN_PROJECT}/events": Route(VIEW),
    f"GET {IN_PROJECT}/events/last": Route(VIEW),
    f"GET {IN_PROJECT}/users": Route(VIEW),
    f"POST {IN_PROJECT}/users": Route(
        USERS, DONE, lambda ids: {"user_id": ids["new_user_id"], "role": "guest"}
    ),
    f"GET {IN_PROJECT}/users/<user_id>": Route(VIEW),
    f"PUT {IN_PROJECT}/users/<user_id>": Route(USERS, DONE, lambda _: {"role": "manager"}),
    f"DELETE {IN_PROJECT}/users/<user_id>": Route(USERS, DONE),
    f"GET {IN_PROJECT}/roles": Route(VIEW),
    f"GET {IN_PROJECT}/roles/all": Route(VIEW),
    f"POST {IN_PROJECT}/roles": Route(USERS, 201, bodies.role),
    f"GET {IN_PROJECT}/roles/<role_slug>": Route(VIEW),
    f"PUT {IN_PROJECT}/roles/<role_slug>": Route(USERS, DONE, bodies.renamed),
    f"DELETE {IN_PROJECT}/roles/<role_slug>": Route(USERS, DONE),
    f"GET {IN_PROJECT}/keys": Route(VIEW),
    f"POST {IN_PROJECT}/keys": Route(RESOURCES, 201, bodies.key),
    f"GET {IN_PROJECT}/keys/<key_id>": Route(VIEW),
    f"PUT {IN_PROJECT}/keys/<key_id>": Route(RESOURCES, DONE, bodies.key),
    f"DELETE {IN_PROJECT}/keys/<key_id>": Route(RESOURCES, DONE),
    f"GET {IN_PROJECT}/keys/<key_id>/refs": Route(VIEW),
    f"GET {IN_PROJECT}/repositories": Route(VIEW),
    f"POST {IN_PROJECT}/repositories": Route(RESOURCES, 201, bodies.repository),
    f"GET {IN_PROJECT}/repositories/<repository_id>": Route(VIEW),
    f"PUT {IN_PROJECT}/repositories/<repository_id>": Route(RESOURCES, DONE, bodies.repository),
    f"DELETE {IN_PROJECT}/repositories/<repository_id>": Route(RESOURCES, DONE),
    f"GET {IN_PROJECT}/repositories/<repository_id>/refs": Route(VIEW),
    f"GET {IN_PROJECT}/repositories/<repository_id>/branches": Route(VIEW, 503),  # no worker
    f"GET {IN_PROJECT}/repositories/<repository_id>/playbooks": Route(VIEW, 503),
    f"GET {IN_PROJECT}/inventory": Route(VIEW),
    f"POST {IN_PROJECT}/inventory": Route(RESOURCES, 201, bodies.inventory),
    f"GET {IN_PROJECT}/inventory/<inventory_id>": Route(VIEW),
    f"PUT {IN_PROJECT}/inventory/<inventory_id>": Route(RESOURCES, DONE, bodies.inventory),
    f"DELETE {IN_PROJECT}/inventory/<inventory_id>": Route(RESOURCES, DONE),
    f"GET {IN_PROJECT}/inventory/<inventory_id>/refs": Route(VIEW),
    f"GET {STATE}/states": Route(VIEW, ids=OF_STATE),
    f"GET {STATE}/states/latest": Route(RESOURCES, ids=OF_STATE),
    f"GET {STATE}/states/<state_id>": Route(RESOURCES, ids=OF_STATE),
    f"DELETE {STATE}/states/<state_id>": Route(RESOURCES, DONE, ids=OF_STATE),
    f"POST {STATE}/states/<state_id>/current": Route(RESOURCES, 201, ids=OF_STATE),
    f"GET {STATE}/states/<state_id>/changes": Route(
        RESOURCES, ids=OF_STATE, query="?since=<newer_state_id>"
    ),
    f"GET {STATE}/lock": Route(VIEW, ids=OF_LOCK),
    f"POST {STATE}/unlock": Route(RESOURCES, DONE, lambda _: {"reason": "It died"}, ids=OF_LOCK),
    f"GET {STATE}/aliases": Route(VIEW, ids=OF_STATE),
    f"POST {STATE}/aliases": Route(RESOURCES, 201, bodies.state_alias, ids=OF_STATE),
    f"GET {STATE}/aliases/<state_alias>": Route(VIEW, ids=OF_STATE),
    f"PUT {STATE}/aliases/<state_alias>": Route(RESOURCES, 200, bodies.state_alias, ids=OF_STATE),
    f"DELETE {STATE}/aliases/<state_alias>": Route(RESOURCES, DONE, ids=OF_STATE),
    f"GET {IN_PROJECT}/environment": Route(VIEW),
    f"POST {IN_PROJECT}/environment": Route(RESOURCES, 201, bodies.environment),
    f"GET {IN_PROJECT}/environment/<environment_id>": Route(VIEW),
    f"PUT {IN_PROJECT}/environment/<environment_id>": Route(RESOURCES, DONE, bodies.environment),
    f"DELETE {IN_PROJECT}/environment/<environment_id>": Route(RESOURCES, DONE),
    f"GET {IN_PROJECT}/environment/<environment_id>/refs": Route(VIEW),
    "GET /api/integrations/<alias>": Route(PUBLIC, DONE),
    "POST /api/integrations/<alias>": Route(PUBLIC, DONE, lambda _: {"ref": "main"}),
    f"GET {HOOKS}": Route(VIEW),
    f"POST {HOOKS}": Route(RESOURCES, 201, bodies.integration),
    f"GET {HOOKS}/aliases": Route(VIEW),
    f"POST {HOOKS}/aliases": Route(RESOURCES),
    f"DELETE {HOOKS}/aliases/<alias_id>": Route(RESOURCES, DONE),
    f"GET {HOOK}": Route(VIEW),
    f"PUT {HOOK}": Route(RESOURCES, DONE, bodies.integration),
    f"DELETE {HOOK}": Route(RESOURCES, DONE),
    f"GET {HOOK}/refs": Route(VIEW),
    f"GET {HOOK}/aliases": Route(VIEW),
    f"POST {HOOK}/aliases": Route(RESOURCES),
    f"DELETE {HOOK}/aliases/<alias_id>": Route(RESOURCES, DONE, ids={"alias_id": "own_alias_id"}),
    f"GET {HOOK}/matchers": Route(VIEW),
    f"POST {HOOK}/matchers": Route(RESOURCES, 200, bodies.matcher),
    f"GET {HOOK}/matchers/<matcher_id>": Route(VIEW),
    f"PUT {HOOK}/matchers/<matcher_id>": Route(RESOURCES, DONE, bodies.matcher),
    f"DELETE {HOOK}/matchers/<matcher_id>": Route(RESOURCES, DONE),
    f"GET {HOOK}/matchers/<matcher_id>/refs": Route(VIEW),
    f"GET {HOOK}/values": Route(VIEW),
    f"POST {HOOK}/values": Route(RESOURCES, 201, bodies.value),
    f"GET {HOOK}/values/<value_id>": Route(VIEW),
    f"PUT {HOOK}/values/<value_id>": Route(RESOURCES, DONE, bodies.value),
    f"DELETE {HOOK}/values/<value_id>": Route(RESOURCES, DONE),
    f"GET {HOOK}/values/<value_id>/refs": Route(VIEW),
    f"GET {IN_PROJECT}/views": Route(VIEW),
    f"POST {IN_PROJECT}/views": Route(RESOURCES, 201, bodies.view),
    f"POST {IN_PROJECT}/views/positions": Route(
        RESOURCES, DONE, lambda ids: {str(ids["view_id"]): 2}
    ),
    f"GET {IN_PROJECT}/views/<view_id>": Route(VIEW),
    f"PUT {IN_PROJECT}/views/<view_id>": Route(
        RESOURCES, DONE, lambda ids: bodies.view(ids) | {"id": ids["view_id"]}
    ),
    f"DELETE {IN_PROJECT}/views/<view_id>": Route(RESOURCES, DONE),
    f"GET {IN_PROJECT}/views/<view_id>/templates": Route(VIEW),
    f"GET {IN_PROJECT}/schedules": Route(VIEW),
    f"POST {IN_PROJECT}/schedules": Route(RESOURCES, 201, bodies.schedule),
    f"POST {IN_PROJECT}/schedules/validate": Route(RESOURCES, 200, bodies.schedule),
    f"GET {IN_PROJECT}/schedules/<schedule_id>": Route(VIEW),
    f"PUT {IN_PROJECT}/schedules/<schedule_id>": Route(
        RESOURCES, DONE, lambda ids: bodies.schedule(ids) | {"id": ids["schedule_id"]}
    ),
    f"PUT {IN_PROJECT}/schedules/<schedule_id>/active": Route(
        RESOURCES, DONE, lambda _: {"active": True}
    ),
    f"DELETE {IN_PROJECT}/schedules/<schedule_id>": Route(RESOURCES, DONE),
    f"GET {IN_PROJECT}/templates/<template_id>/schedules": Route(VIEW),
    f"GET {IN_PROJECT}/host_configs": Route(VIEW),
    f"POST {IN_PROJECT}/host_configs": Route(RESOURCES, 201, bodies.host_config),
    f"GET {IN_PROJECT}/host_configs/<host_config_id>": Route(VIEW),
    f"PUT {IN_PROJECT}/host_configs/<host_config_id>": Route(RESOURCES, DONE, bodies.host_config),
    f"DELETE {IN_PROJECT}/host_configs/<host_config_id>": Route(RESOURCES, DONE),
    f"GET {IN_PROJECT}/templates": Route(VIEW),
    f"POST {IN_PROJECT}/templates": Route(RESOURCES, 201, bodies.template),
    f"GET {IN_PROJECT}/templates/<template_id>": Route(VIEW),
    f"PUT {IN_PROJECT}/templates/<template_id>": Route(RESOURCES, DONE, bodies.template),
    f"DELETE {IN_PROJECT}/templates/<template_id>": Route(RESOURCES, DONE),
    f"GET {IN_PROJECT}/templates/<template_id>/refs": Route(VIEW),
    f"GET {IN_PROJECT}/templates/<template_id>/tasks": Route(VIEW),
    f"GET {IN_PROJECT}/templates/<template_id>/tasks/last": Route(VIEW),
    f"GET {IN_PROJECT}/templates/<template_id>/perms": Route(VIEW),
    f"POST {IN_PROJECT}/templates/<template_id>/perms": Route(USERS, 201, bodies.attached),
    f"GET {IN_PROJECT}/templates/<template_id>/perms/<perm_id>": Route(VIEW),
    f"PUT {IN_PROJECT}/templates/<template_id>/perms/<perm_id>": Route(
        USERS, DONE, lambda _: {"permissions": 1}
    ),
    f"DELETE {IN_PROJECT}/templates/<template_id>/perms/<perm_id>": Route(USERS, DONE),
    f"POST {HOLDING}/set_default": Route(RESOURCES, DONE, ids=OF_INFRA),
    f"POST {HOLDING}/attach": Route(RESOURCES, DONE, ids=FREE),
    f"POST {HOLDING}/detach": Route(RESOURCES, DONE, ids=OF_INFRA),
    f"POST {IN_PROJECT}/templates/<template_id>/stop_all_tasks": Route(
        RUN, DONE, lambda _: {"force": False}
    ),
    f"GET {IN_PROJECT}/tasks": Route(VIEW),
    f"POST {IN_PROJECT}/tasks": Route(
        RUN, 201, lambda ids: {"template_id": ids["used_template_id"]}
    ),
    f"GET {IN_PROJECT}/tasks/last": Route(VIEW),
    f"GET {IN_PROJECT}/tasks/<task_id>": Route(VIEW),
    f"GET {IN_PROJECT}/tasks/<task_id>/output": Route(VIEW),
    f"GET {IN_PROJECT}/tasks/<task_id>/raw_output": Route(VIEW),
    f"GET {IN_PROJECT}/tasks/<task_id>/stages": Route(VIEW),
    f"GET {IN_PROJECT}/tasks/<task_id>/manifest": Route(VIEW),
    f"GET {IN_PROJECT}/tasks/<task_id>/changes": Route(VIEW),
    f"GET {IN_PROJECT}/tasks/<task_id>/artifacts": Route(VIEW),
    f"GET {IN_PROJECT}/tasks/<task_id>/artifacts/<artifact_id>": Route(VIEW),
    f"GET {IN_PROJECT}/tasks/<task_id>/outputs": Route(VIEW),
    f"GET {IN_PROJECT}/tasks/<task_id>/ansible/hosts": Route(VIEW),
    f"GET {IN_PROJECT}/tasks/<task_id>/ansible/errors": Route(VIEW),
    f"DELETE {IN_PROJECT}/cache": Route(PROJECT, DONE),
    f"POST {IN_PROJECT}/notifications/test": Route(PROJECT, 409),
    f"GET {IN_PROJECT}/stats": Route(VIEW),
    f"GET {IN_PROJECT}/backup": Route(RESOURCES),
    "POST /api/projects/restore": Route(CREATE_PROJECT, 200, lambda _: {"meta": {"name": "Again"}}),
    f"GET {IN_PROJECT}/templates/<template_id>/stats": Route(VIEW),
    f"PUT {IN_PROJECT}/templates/<template_id>/description": Route(
        RESOURCES, DONE, lambda _: {"description": "Says hello"}
    ),
    f"DELETE {IN_PROJECT}/tasks/<task_id>": Route(ADMIN_IN_PROJECT, DONE),
    f"POST {IN_PROJECT}/tasks/<task_id>/stop": Route(RUN, DONE, ids={"task_id": "active_task_id"}),
    f"POST {IN_PROJECT}/tasks/<task_id>/confirm": Route(RUN, 400),  # it does not wait for that
    f"POST {IN_PROJECT}/tasks/<task_id>/reject": Route(RUN, 400),
}

# What Terraform calls, which proves itself by a login that is no user's: nobody has sent one here.
BACKEND = {
    f"{method} /api/terraform/<address>": Route(PUBLIC, 401)
    for method in ("GET", "POST", "DELETE", "LOCK", "UNLOCK")
}

SOCKETS = {"/api/ws", "/ws"}
