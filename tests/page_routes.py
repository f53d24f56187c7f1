"""The pages' part of the table in tests/routes.py: forms instead of JSON."""

from io import BytesIO
from typing import Any

from app.guard import ADMIN, CREATE_PROJECT, PUBLIC, SIGNED_IN
from tests.factories import PASSWORD, PUBLIC_KEY
from tests.routes import (
    DONE,
    OF_INFRA,
    OF_LOCK,
    OF_STATE,
    PROJECT,
    RESOURCES,
    RUN,
    USERS,
    VIEW,
    Ids,
    Route,
)

SEEN = 303  # after a change the browser is sent to where one sees it
MOVED = 302


def _repository(ids: Ids) -> dict[str, Any]:
    return {
        "name": "R",
        "git_url": "git@git.example.test:team/app.git",
        "git_branch": "main",
        "ssh_key_id": ids["used_key_id"],
    }


def _template(ids: Ids) -> dict[str, Any]:
    return {"name": "T", "playbook": "hello.sh", "repository_id": ids["used_repository_id"]}


def _role(_ids: Ids) -> dict[str, Any]:
    return {"name": "Release team", "bits": ["1", "4"]}


def _attached(ids: Ids) -> dict[str, Any]:
    return {"role_slug": ids["role_slug"], "bits": "1"}


def _schedule(ids: Ids) -> dict[str, Any]:
    return {"cron_format": "0 2 * * *", "template_id": ids["used_template_id"]}


def _mapping(ids: Ids) -> dict[str, Any]:
    return {"type": "host", "host": "git.example.test", "ssh_key_id": ids["ssh_key_id"]}


def _known(_ids: Ids) -> dict[str, Any]:
    return {"lines": f"web1.example.test ssh-ed25519 {PUBLIC_KEY}"}


def _state_address(ids: Ids) -> dict[str, Any]:
    return {"auth_key_id": ids["login_key_id"]}


def _hook(ids: Ids) -> dict[str, Any]:
    return {"name": "Hook", "template_id": ids["used_template_id"]}


def _condition(_ids: Ids) -> dict[str, Any]:
    given = {"name": "branch", "match_type": "body", "method": "equals"}
    return given | {"body_data_type": "json", "key": "ref", "value": "main"}


def _person(_ids: Ids) -> dict[str, Any]:
    return {"name": "Nina", "username": "nina", "email": "nina@example.test"}


def _backup(_ids: Ids) -> dict[str, Any]:
    return {"file": (BytesIO(b'{"meta": {"name": "Again"}}'), "project.json")}


P = "/p/<project_id>"
HOOKS = f"{P}/integrations"
HOOK = f"{HOOKS}/<integration_id>"
RUNS, TEMPLATES, REPOSITORIES = f"{P}/runs", f"{P}/templates", f"{P}/repositories"
RUN_PAGE, TEMPLATE = f"{RUNS}/<task_id>", f"{TEMPLATES}/<template_id>"
REPOSITORY = f"{REPOSITORIES}/<repository_id>"
INVENTORIES, KEYS, VARIABLES = f"{P}/inventories", f"{P}/keys", f"{P}/variables"
GROUP = f"{VARIABLES}/<environment_id>"
INVENTORY = f"{INVENTORIES}/<inventory_id>"
STATE = f"{INVENTORY}/state"
OF_STATE_ALIAS = OF_STATE | {"alias_id": "state_alias_id"}
ROLES, ACCESS = f"{P}/team/roles", f"{TEMPLATE}/access"
WORKSPACES = f"{TEMPLATE}/workspaces"
KEY, MAPPING = f"{KEYS}/<key_id>", f"{KEYS}/hosts/<host_config_id>"
SCHEDULES, SCHEDULE = f"{P}/schedules", f"{P}/schedules/<schedule_id>"
USED = {"template_id": "used_template_id"}
IDLE = {"project_id": "idle_project_id"}
ACTIVE = {"task_id": "active_task_id"}

PAGES: dict[str, Route] = {
    "GET /": Route(PUBLIC, MOVED),
    "GET /auth/login": Route(PUBLIC, MOVED),
    "GET /dev/ui": Route(PUBLIC),
    "GET /healthz": Route(PUBLIC, 503),  # no worker is online
    "GET /login": Route(PUBLIC),
    "POST /login": Route(PUBLIC, SEEN, lambda _: {"username": "erin", "password": PASSWORD}),
    "POST /logout": Route(PUBLIC, SEEN),
    "GET /setup": Route(PUBLIC, SEEN),  # it is done: there are users
    "POST /setup": Route(PUBLIC, SEEN),
    "GET /setup/_tools": Route(PUBLIC, 204),
    "GET /static/<name>": Route(PUBLIC),
    "GET /project/<project_id>": Route(PUBLIC, MOVED),
    "GET /project/<project_id>/<path>": Route(PUBLIC, MOVED),
    "GET /admin/system": Route(ADMIN),
    "GET /admin/apps": Route(ADMIN),
    "GET /admin/apps/new": Route(ADMIN),
    "POST /admin/apps": Route(ADMIN, SEEN, lambda _: {"id": "ruby", "title": "Ruby"}),
    "GET /admin/apps/<app_name>/edit": Route(ADMIN),
    "POST /admin/apps/<app_name>/edit": Route(ADMIN, SEEN, lambda _: {"title": "Ours"}),
    "GET /admin/apps/<app_name>/delete": Route(ADMIN),
    "POST /admin/apps/<app_name>/delete": Route(ADMIN, SEEN),
    "GET /admin/roles": Route(ADMIN),
    "GET /admin/roles/new": Route(ADMIN),
    "POST /admin/roles": Route(ADMIN, SEEN, _role),
    "GET /admin/roles/<slug>/edit": Route(ADMIN),
    "POST /admin/roles/<slug>/edit": Route(ADMIN, SEEN, _role),
    "GET /admin/roles/<slug>/delete": Route(ADMIN),
    "POST /admin/roles/<slug>/delete": Route(ADMIN, SEEN),
    "GET /admin/users": Route(ADMIN),
    "GET /admin/users/new": Route(ADMIN),
    "POST /admin/users": Route(ADMIN, SEEN, lambda ids: _person(ids) | {"password": PASSWORD}),
    "GET /admin/users/<user_id>/edit": Route(ADMIN),
    "POST /admin/users/<user_id>/edit": Route(ADMIN, SEEN, _person),
    "GET /admin/users/<user_id>/delete": Route(ADMIN),
    "POST /admin/users/<user_id>/delete": Route(ADMIN, SEEN),
    f"GET {P}/team": Route(VIEW),
    f"POST {P}/team": Route(USERS, SEEN, lambda _: {"person": "mallory", "role": "guest"}),
    f"GET {P}/team/new": Route(USERS),
    f"GET {P}/team/_people": Route(USERS),
    f"POST {P}/team/<user_id>/role": Route(USERS, SEEN, lambda _: {"role": "manager"}),
    f"GET {P}/team/<user_id>/delete": Route(USERS),
    f"POST {P}/team/<user_id>/delete": Route(USERS, SEEN),
    f"GET {P}/team/leave": Route(VIEW),
    f"POST {P}/team/leave": Route(VIEW, SEEN),
    "GET /help/shortcuts": Route(SIGNED_IN),
    "GET /me/appearance": Route(SIGNED_IN),
    "GET /me/profile": Route(SIGNED_IN),
    "POST /me/profile": Route(SIGNED_IN, SEEN, lambda _: {"name": "M", "email": "m@x.test"}),
    "GET /me/security": Route(SIGNED_IN),
    "POST /me/security": Route(
        SIGNED_IN, SEEN, lambda _: {"current": PASSWORD, "password": "a new long sentence"}
    ),
    "GET /me/sessions": Route(SIGNED_IN),
    "POST /me/sessions/<prefix>/delete": Route(SIGNED_IN, SEEN, ids={"prefix": "session"}),
    "POST /me/sessions/delete": Route(SIGNED_IN, SEEN),
    "GET /me/tokens": Route(SIGNED_IN),
    "POST /me/tokens": Route(SIGNED_IN, body=lambda _: {"name": "ci"}),
    "GET /me/tokens/<prefix>/delete": Route(SIGNED_IN, ids={"prefix": "token_prefix"}),
    "POST /me/tokens/<prefix>/delete": Route(SIGNED_IN, SEEN, ids={"prefix": "token_prefix"}),
    "GET /projects": Route(SIGNED_IN),
    "GET /projects/new": Route(CREATE_PROJECT),
    "POST /projects": Route(CREATE_PROJECT, SEEN, lambda _: {"name": "P"}),
    "GET /projects/import": Route(CREATE_PROJECT),
    "POST /projects/import": Route(CREATE_PROJECT, SEEN, _backup),
    "POST /projects/import/_preview": Route(CREATE_PROJECT, body=_backup),
    "GET /projects/<project_id>/delete": Route(PROJECT),
    "POST /projects/<project_id>/delete": Route(PROJECT, SEEN, ids=IDLE),
    f"GET {P}": Route(VIEW),
    f"GET {P}/_failures": Route(VIEW),
    f"GET {P}/activity": Route(VIEW),
    f"GET {P}/activity/activity.csv": Route(VIEW),
    f"GET {P}/settings": Route(PROJECT),
    f"POST {P}/settings": Route(PROJECT, SEEN, lambda _: {"name": "Renamed"}),
    f"GET {P}/settings/backup.json": Route(RESOURCES),
    f"GET {P}/_needs": Route(VIEW),
    f"GET {P}/_now": Route(VIEW),
    f"GET {P}/_upcoming": Route(VIEW),
    f"GET {P}/_strip": Route(VIEW),
    f"POST {P}/_steps": Route(VIEW, DONE),
    f"GET {HOOKS}": Route(VIEW),
    f"POST {HOOKS}/address": Route(RESOURCES, SEEN),
    f"POST {HOOKS}/address/<alias_id>/delete": Route(RESOURCES, SEEN),
    f"GET {HOOKS}/address/<alias_id>/delete": Route(RESOURCES),
    f"GET {HOOK}/address/<alias_id>/delete": Route(RESOURCES, ids={"alias_id": "own_alias_id"}),
    f"GET {HOOKS}/new": Route(RESOURCES),
    f"GET {HOOKS}/new/<sender>": Route(RESOURCES),
    f"POST {HOOKS}/new/<sender>": Route(RESOURCES, SEEN, _hook),
    f"GET {HOOK}": Route(VIEW),
    f"GET {HOOK}/edit": Route(RESOURCES),
    f"POST {HOOK}/edit": Route(RESOURCES, SEEN, _hook),
    f"POST {HOOK}/address": Route(RESOURCES, SEEN),
    f"POST {HOOK}/address/<alias_id>/delete": Route(
        RESOURCES, SEEN, ids={"alias_id": "own_alias_id"}
    ),
    f"GET {HOOK}/delete": Route(RESOURCES),
    f"POST {HOOK}/delete": Route(RESOURCES, SEEN),
    f"GET {HOOK}/<kind>/new": Route(RESOURCES),
    f"POST {HOOK}/<kind>": Route(RESOURCES, SEEN, _condition),
    f"GET {HOOK}/<kind>/<rule_id>/edit": Route(RESOURCES, ids={"rule_id": "matcher_id"}),
    f"POST {HOOK}/<kind>/<rule_id>/edit": Route(
        RESOURCES, SEEN, _condition, ids={"rule_id": "matcher_id"}
    ),
    f"POST {HOOK}/<kind>/<rule_id>/delete": Route(RESOURCES, SEEN, ids={"rule_id": "matcher_id"}),
    f"GET {HOOK}/deliveries": Route(RESOURCES),
    f"GET {HOOK}/deliveries/<delivery_id>": Route(RESOURCES),
    f"POST {HOOK}/deliveries/<delivery_id>/replay": Route(RESOURCES, SEEN),
    f"GET {HOOK}/test": Route(RESOURCES),
    f"POST {HOOK}/test": Route(RESOURCES, 200, lambda _: {"headers": "", "body": "{}"}),
    f"GET {SCHEDULES}": Route(VIEW),
    f"POST {SCHEDULES}": Route(RESOURCES, SEEN, _schedule),
    f"GET {SCHEDULES}/new": Route(RESOURCES),
    f"POST {SCHEDULES}/new": Route(
        RESOURCES, SEEN, lambda ids: {"template": ids["used_template_id"]}
    ),
    f"GET {SCHEDULES}/_fields": Route(RESOURCES),
    f"POST {SCHEDULES}/_preview": Route(RESOURCES, 200, _schedule),
    f"GET {SCHEDULE}": Route(VIEW),
    f"GET {SCHEDULE}/edit": Route(RESOURCES),
    f"POST {SCHEDULE}/edit": Route(RESOURCES, SEEN, _schedule),
    f"POST {SCHEDULE}/active": Route(RESOURCES, SEEN, lambda _: {"active": "1"}),
    f"GET {SCHEDULE}/delete": Route(RESOURCES),
    f"POST {SCHEDULE}/delete": Route(RESOURCES, SEEN),
    f"GET {TEMPLATE}/schedules": Route(VIEW),
    f"GET {WORKSPACES}": Route(VIEW, ids=OF_INFRA),
    f"POST {WORKSPACES}": Route(RESOURCES, SEEN, lambda _: {"workspace": "stage"}, ids=OF_INFRA),
    f"GET {WORKSPACES}/new": Route(RESOURCES, ids=OF_INFRA),
    f"GET {WORKSPACES}/attach": Route(RESOURCES, ids=OF_INFRA),
    f"POST {WORKSPACES}/attach": Route(
        RESOURCES, SEEN, lambda ids: {"inventory_id": ids["free_id"]}, ids=OF_INFRA
    ),
    f"GET {WORKSPACES}/<inventory_id>/default": Route(RESOURCES, ids=OF_INFRA),
    f"POST {WORKSPACES}/<inventory_id>/default": Route(RESOURCES, SEEN, ids=OF_INFRA),
    f"GET {WORKSPACES}/<inventory_id>/detach": Route(RESOURCES, ids=OF_INFRA),
    f"POST {WORKSPACES}/<inventory_id>/detach": Route(RESOURCES, SEEN, ids=OF_INFRA),
    f"GET {TEMPLATES}/views": Route(RESOURCES),
    f"POST {TEMPLATES}/views": Route(RESOURCES, SEEN, lambda _: {"title": "Build"}),
    f"GET {TEMPLATES}/views/new": Route(RESOURCES),
    f"GET {TEMPLATES}/views/<view_id>/edit": Route(RESOURCES),
    f"POST {TEMPLATES}/views/<view_id>/edit": Route(RESOURCES, SEEN, lambda _: {"title": "Build"}),
    f"POST {TEMPLATES}/views/<view_id>/move": Route(RESOURCES, SEEN, lambda _: {"do": "up"}),
    f"GET {TEMPLATES}/views/<view_id>/delete": Route(RESOURCES),
    f"POST {TEMPLATES}/views/<view_id>/delete": Route(RESOURCES, SEEN),
    f"GET {ROLES}": Route(VIEW),
    f"GET {ROLES}/new": Route(USERS),
    f"POST {ROLES}": Route(USERS, SEEN, _role),
    f"GET {ROLES}/<role_slug>/edit": Route(USERS),
    f"POST {ROLES}/<role_slug>/edit": Route(USERS, SEEN, _role),
    f"GET {ROLES}/<role_slug>/delete": Route(USERS),
    f"POST {ROLES}/<role_slug>/delete": Route(USERS, SEEN),
    f"GET {ROLES}/<role_slug>/holders": Route(USERS),
    f"POST {ROLES}/<role_slug>/holders": Route(USERS, SEEN, lambda ids: {"users": ids["user_id"]}),
    f"GET {P}/team/check": Route(VIEW),
    f"GET {P}/team/<user_id>/custom-roles": Route(USERS),
    f"POST {P}/team/<user_id>/custom-roles": Route(
        USERS, SEEN, lambda ids: {"roles": ids["role_slug"]}
    ),
    f"GET {INVENTORIES}": Route(VIEW),
    f"POST {INVENTORIES}": Route(RESOURCES, SEEN, lambda _: {"name": "I", "type": "static"}),
    f"GET {INVENTORIES}/new": Route(RESOURCES),
    f"GET {INVENTORY}": Route(VIEW),
    f"GET {INVENTORY}/_hosts": Route(VIEW),
    f"POST {INVENTORY}/_hosts": Route(RUN),
    f"GET {INVENTORY}/source": Route(VIEW),
    f"GET {INVENTORY}/used": Route(VIEW),
    f"GET {INVENTORY}/edit": Route(RESOURCES),
    f"POST {INVENTORY}/edit": Route(RESOURCES, SEEN, lambda _: {"name": "I", "type": "static"}),
    f"GET {INVENTORY}/delete": Route(RESOURCES),
    f"POST {INVENTORY}/delete": Route(RESOURCES, SEEN),
    f"GET {STATE}": Route(VIEW, ids=OF_STATE),
    f"GET {STATE}/compare": Route(RESOURCES, ids=OF_STATE, query="?b=<newer_state_id>"),
    f"GET {STATE}/<state_id>/download": Route(RESOURCES, ids=OF_STATE),
    f"GET {STATE}/<state_id>/<act>": Route(RESOURCES, ids=OF_STATE),
    f"POST {STATE}/<state_id>/current": Route(RESOURCES, SEEN, ids=OF_STATE),
    f"POST {STATE}/<state_id>/delete": Route(RESOURCES, SEEN, ids=OF_STATE),
    f"GET {STATE}/unlock": Route(RESOURCES, ids=OF_LOCK),
    f"POST {STATE}/unlock": Route(RESOURCES, SEEN, lambda _: {"reason": "It died"}, ids=OF_LOCK),
    f"GET {STATE}/address/new": Route(RESOURCES, ids=OF_STATE),
    f"POST {STATE}/address": Route(RESOURCES, SEEN, _state_address, ids=OF_STATE),
    f"GET {STATE}/address/<alias_id>/delete": Route(RESOURCES, ids=OF_STATE_ALIAS),
    f"POST {STATE}/address/<alias_id>/delete": Route(RESOURCES, SEEN, ids=OF_STATE_ALIAS),
    f"GET {VARIABLES}": Route(VIEW),
    f"POST {VARIABLES}": Route(RESOURCES, SEEN, lambda _: {"name": "V"}),
    f"GET {VARIABLES}/new": Route(RESOURCES),
    f"GET {GROUP}": Route(VIEW),
    f"GET {GROUP}/edit": Route(RESOURCES),
    f"POST {GROUP}/edit": Route(RESOURCES, SEEN, lambda _: {"name": "V"}),
    f"GET {GROUP}/delete": Route(RESOURCES),
    f"POST {GROUP}/delete": Route(RESOURCES, SEEN),
    f"GET {KEYS}": Route(VIEW),
    f"POST {KEYS}": Route(RESOURCES, SEEN, lambda _: {"name": "K", "type": "none"}),
    f"GET {KEYS}/new": Route(RESOURCES),
    f"GET {KEYS}/_fields": Route(RESOURCES),
    f"GET {KEY}/edit": Route(RESOURCES),
    f"POST {KEY}/edit": Route(RESOURCES, SEEN, lambda _: {"name": "K"}),
    f"GET {KEY}/test": Route(RESOURCES),
    f"POST {KEY}/test": Route(RESOURCES),
    f"GET {KEY}/delete": Route(RESOURCES),
    f"POST {KEY}/delete": Route(RESOURCES, SEEN),
    f"GET {KEYS}/hosts": Route(VIEW),
    f"POST {KEYS}/hosts": Route(RESOURCES, SEEN, _mapping),
    f"GET {KEYS}/hosts/new": Route(RESOURCES),
    f"GET {MAPPING}/edit": Route(RESOURCES),
    f"POST {MAPPING}/edit": Route(RESOURCES, SEEN, _mapping),
    f"GET {MAPPING}/delete": Route(RESOURCES),
    f"POST {MAPPING}/delete": Route(RESOURCES, SEEN),
    f"GET {KEYS}/known": Route(VIEW),
    f"POST {KEYS}/known": Route(RESOURCES, SEEN, _known),
    f"GET {KEYS}/known/new": Route(RESOURCES),
    f"GET {KEYS}/known/<host_key_id>/delete": Route(RESOURCES),
    f"POST {KEYS}/known/<host_key_id>/delete": Route(RESOURCES, SEEN),
    f"GET {REPOSITORIES}": Route(VIEW),
    f"POST {REPOSITORIES}": Route(RESOURCES, SEEN, _repository),
    f"GET {REPOSITORIES}/new": Route(RESOURCES),
    f"GET {REPOSITORIES}/_branches": Route(VIEW),
    f"GET {REPOSITORIES}/_scripts": Route(VIEW),
    f"POST {REPOSITORIES}/_test": Route(RESOURCES, 200, _repository),
    f"GET {REPOSITORY}": Route(VIEW),
    f"GET {REPOSITORY}/_test": Route(VIEW),
    f"POST {REPOSITORY}/_test": Route(RUN),
    f"GET {REPOSITORY}/_tree": Route(VIEW),
    f"GET {REPOSITORY}/_text": Route(RUN),
    f"GET {REPOSITORY}/_cache": Route(VIEW),
    f"POST {REPOSITORY}/_cache": Route(RESOURCES),
    f"GET {REPOSITORY}/edit": Route(RESOURCES),
    f"POST {REPOSITORY}/edit": Route(RESOURCES, SEEN, _repository),
    f"GET {REPOSITORY}/delete": Route(RESOURCES),
    f"POST {REPOSITORY}/delete": Route(RESOURCES, SEEN),
    f"GET {RUNS}": Route(VIEW),
    f"GET {RUNS}/_count": Route(VIEW),
    f"GET {RUNS}/_new": Route(VIEW),
    f"GET {RUN_PAGE}": Route(VIEW),
    f"GET {RUN_PAGE}/_header": Route(VIEW),
    f"GET {RUN_PAGE}/_row": Route(VIEW),
    f"GET {RUN_PAGE}/details": Route(VIEW),
    f"GET {RUN_PAGE}/artifacts": Route(VIEW),
    f"GET {RUN_PAGE}/artifacts/<artifact_id>": Route(VIEW),
    f"GET {RUN_PAGE}/changes": Route(VIEW, 404),  # it has not failed
    f"GET {RUNS}/compare": Route(VIEW, query="?b=<task_id>"),
    f"GET {RUNS}/compare/_commits": Route(VIEW, query="?a=<task_id>&b=<task_id>"),
    f"GET {RUN_PAGE}/hosts": Route(VIEW),
    f"GET {RUN_PAGE}/hosts/table.csv": Route(VIEW),
    f"GET {RUN_PAGE}/hosts/<host_id>": Route(VIEW),
    f"GET {RUN_PAGE}/hosts/<host_id>/<result_id>": Route(VIEW),
    f"GET {RUN_PAGE}/plan": Route(VIEW),
    f"GET {RUN_PAGE}/plan/<change_id>": Route(VIEW),
    f"GET {RUN_PAGE}/lines": Route(VIEW),
    f"GET {RUN_PAGE}/sections": Route(VIEW),
    f"GET {RUN_PAGE}/search": Route(VIEW, query="?q=hello"),
    f"GET {RUN_PAGE}/log.txt": Route(VIEW),
    f"GET {RUN_PAGE}/log.ansi": Route(VIEW),
    f"GET {RUN_PAGE}/log.html": Route(VIEW),
    f"POST {RUN_PAGE}/pin": Route(RUN, SEEN),
    f"POST {RUN_PAGE}/stop": Route(RUN, SEEN, ids=ACTIVE),
    f"GET {RUN_PAGE}/approve": Route(RUN),
    f"GET {RUN_PAGE}/reject": Route(RUN),
    f"POST {RUN_PAGE}/approve": Route(RUN, 422),  # it does not wait for that
    f"POST {RUN_PAGE}/reject": Route(RUN, 422),
    f"GET {TEMPLATES}": Route(VIEW),
    f"GET {TEMPLATES}/new": Route(RESOURCES),
    f"GET {TEMPLATES}/new/<app>": Route(RESOURCES),
    f"POST {TEMPLATES}/new/<app>": Route(RESOURCES, SEEN, _template),
    f"POST {TEMPLATES}/new/<app>/_command": Route(RESOURCES),
    f"POST {TEMPLATES}/new/<app>/_survey": Route(RESOURCES),
    f"GET {TEMPLATES}/new/<app>/_field/repository_id": Route(RESOURCES),
    f"GET {TEMPLATE}": Route(VIEW),
    f"GET {TEMPLATE}/_row": Route(VIEW),
    f"GET {TEMPLATE}/details": Route(VIEW),
    f"GET {ACCESS}": Route(VIEW),
    f"GET {ACCESS}/new": Route(USERS),
    f"POST {ACCESS}": Route(USERS, SEEN, _attached),
    f"GET {ACCESS}/<perm_id>/edit": Route(USERS),
    f"POST {ACCESS}/<perm_id>/edit": Route(USERS, SEEN, lambda _: {"bits": 1}),
    f"GET {ACCESS}/<perm_id>/delete": Route(USERS),
    f"POST {ACCESS}/<perm_id>/delete": Route(USERS, SEEN),
    f"GET {TEMPLATE}/edit": Route(RESOURCES),
    f"POST {TEMPLATE}/edit": Route(RESOURCES, SEEN, _template),
    f"GET {TEMPLATE}/copy": Route(RESOURCES),
    f"POST {TEMPLATE}/copy": Route(RESOURCES, SEEN, _template),
    f"GET {TEMPLATE}/delete": Route(RESOURCES),
    f"POST {TEMPLATE}/delete": Route(RESOURCES, SEEN),
    f"GET {TEMPLATE}/run": Route(RUN),
    f"POST {TEMPLATE}/run": Route(RUN, SEEN, ids=USED),
    f"POST {TEMPLATE}/run/_command": Route(RUN),
    f"GET {TEMPLATE}/run/_choices": Route(RUN),
    f"GET {TEMPLATE}/run/_hosts": Route(RUN),
}
