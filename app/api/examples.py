"""Bodies of the document's examples: one for each schema that comes in, to be sent as it is.

Ids are 1, as they are in the commands beside them.
"""

from typing import Any

from app.api.wire import Identity
from app.schemas import (
    access_keys,
    api_tokens,
    apps,
    environments,
    host_configs,
    integrations,
    inventories,
    options,
    project_users,
    project_views,
    projects,
    repositories,
    roles,
    schedules,
    task_templates,
    tasks,
    template_roles,
    terraform_states,
    users,
)

Json = dict[str, Any]

DAILY = "30 2 * * *"
SECRET = {"login": "deploy", "password": "a long secret"}
BEA = {"username": "bea", "name": "Bea Example", "email": "bea@example.com"}

BODIES: dict[Any, Json] = {
    access_keys.AccessKeyIn: {
        "name": "Deploy", "type": "login_password", "login_password": SECRET,
    },
    access_keys.AccessKeyChange: {
        "name": "Deploy", "override_secret": True, "type": "login_password",
        "login_password": SECRET,
    },
    api_tokens.ApiTokenIn: {"name": "nightly script", "expires_at": "2030-12-31T12:00:00Z"},
    apps.AppIn: {"title": "Python", "active": True, "priority": 10, "path": "/usr/bin/python3"},
    apps.AppActiveIn: {"active": True},
    environments.EnvironmentIn: {
        "name": "Staging", "json": '{"region": "eu"}', "env": '{"LOG_LEVEL": "debug"}',
        "secrets": [
            {"operation": "create", "name": "API_TOKEN", "type": "env", "secret": "a long secret"},
        ],
    },
    host_configs.HostConfigIn: {"type": "host", "host": "git.example.com", "ssh_key_id": 1},
    integrations.IntegrationIn: {
        "name": "Deploy on push", "template_id": 1, "auth_method": "github", "auth_secret_id": 1,
    },
    integrations.MatcherIn: {
        "name": "On main", "match_type": "body", "body_data_type": "json", "key": "ref",
        "method": "equals", "value": "refs/heads/main",
    },
    integrations.ExtractValueIn: {
        "name": "Commit", "value_source": "body", "body_data_type": "json",
        "key": "head_commit.id", "variable": "commit", "variable_type": "environment",
    },
    inventories.InventoryIn: {
        "name": "Web", "type": "static", "inventory": "[web]\nweb1.example.com", "ssh_key_id": 1,
    },
    options.OptionIn: {"key": "nav.unpinnedItems", "value": "[]"},
    project_users.ProjectUserIn: {"user_id": 1, "role": "task_runner"},
    project_users.RoleIn: {"role": "manager"},
    project_views.ProjectViewIn: {"title": "Nightly", "position": 1},
    project_views.PositionsIn: {"1": 0},
    projects.NamedProjectIn: {"name": "Shop", "max_parallel_tasks": 2},
    projects.NewProjectIn: {"name": "Shop", "max_parallel_tasks": 2},
    repositories.RepositoryIn: {
        "name": "Playbooks", "git_url": "https://git.example.com/team/playbooks.git",
        "git_branch": "main", "ssh_key_id": 1,
    },
    roles.CustomRoleIn: {"slug": "release-team", "name": "Release team", "permissions": 1},
    roles.RoleChangeIn: {"name": "Release team", "permissions": 5},
    roles.SlugIn: {},
    schedules.CronIn: {"cron_format": DAILY},
    schedules.ScheduleIn: {
        "name": "Every night", "template_id": 1, "cron_format": DAILY, "active": True,
        "timezone": "Europe/Prague",
    },
    schedules.ActiveIn: {"active": True},
    task_templates.TaskTemplateIn: {
        "name": "Deploy", "app": "bash", "playbook": "deploy.sh", "repository_id": 1,
        "environment_ids": [1],
        "survey_vars": [{"name": "version", "title": "Which version", "required": True}],
    },
    task_templates.DescriptionIn: {"description": "Brings the shop up to date"},
    tasks.TaskIn: {"template_id": 1, "message": "from a script"},
    tasks.StopIn: {"force": False},
    tasks.ConfirmIn: {"comment": "As agreed"},
    tasks.RejectIn: {"comment": "Not today"},
    template_roles.GrantIn: {"permissions": 1},
    template_roles.TemplateRoleIn: {"role_slug": "release-team", "permissions": 1},
    terraform_states.StateAliasIn: {"auth_key_id": 1},
    terraform_states.UnlockIn: {"reason": "its machine is gone"},
    users.UserIn: BEA | {"password": "a long first sentence"},
    users.UserChange: BEA,
    users.PasswordIn: {"password": "another long sentence"},
    users.SignIn: {"auth": "bea", "password": "a long first sentence"},
    users.RefreshIn: {"refresh_token": "eyJhbGciOiJIUzI1NiJ9.…"},
}  # fmt: skip

# What repeats the ids of a URL -> the id that is always there; `id` only where the URL has it.
IDENTITIES: dict[Any, str] = {
    Identity: "project_id",
    integrations.IntegrationIdentity: "integration_id",
}

# Bodies that no schema describes, by the view's endpoint.
FREE: dict[str, Json] = {
    "api_project_backups.restore": {
        "meta": {"name": "Shop"},
        "keys": [{"name": "None", "type": "none"}],
        "repositories": [
            {"name": "Playbooks", "git_url": "https://git.example.com/team/playbooks.git",
             "git_branch": "main", "ssh_key": "None"},
        ],
        "templates": [
            {"name": "Deploy", "app": "bash", "playbook": "deploy.sh", "repository": "Playbooks"},
        ],
    },
    "api_webhooks.receive": {"ref": "refs/heads/main", "head_commit": {"id": "1f2e3d4"}},
}  # fmt: skip


def of(endpoint: str, takes: list[Any], *, has_id: bool) -> Json:
    """A body for a view that takes all of these schemas; `has_id`: its URL names one object."""
    if endpoint in FREE:
        return FREE[endpoint]
    ids = {name: 1 for schema, name in IDENTITIES.items() if schema in takes}
    made = {"id": 1} | ids if ids and has_id else ids
    for schema in takes:
        made |= {} if schema in IDENTITIES else BODIES[schema]
    return made
