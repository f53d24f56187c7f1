"""The REST API: one blueprint for each entity, paths and names as the original's."""

from flask import Flask

from app.api import (
    access_keys,
    account,
    apps,
    auth,
    caches,
    docs,
    environments,
    events,
    host_configs,
    info,
    inventories,
    options,
    ping,
    project_backups,
    project_users,
    project_views,
    projects,
    repositories,
    roles,
    task_output,
    task_results,
    task_stats,
    task_templates,
    tasks,
    template_roles,
    users,
)

BLUEPRINTS = (
    ping.bp,
    auth.bp,
    info.bp,
    docs.bp,
    account.bp,
    options.bp,
    caches.bp,
    apps.bp,
    users.bp,
    projects.bp,
    project_backups.bp,
    project_users.bp,
    project_views.bp,
    roles.bp,
    roles.project_bp,
    access_keys.bp,
    repositories.bp,
    inventories.bp,
    environments.bp,
    host_configs.bp,
    task_templates.bp,
    template_roles.bp,
    tasks.bp,
    tasks.server_bp,
    task_output.bp,
    task_results.bp,
    task_stats.bp,
    events.bp,
)


def init_app(app: Flask) -> None:
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint, url_prefix=f"/api{blueprint.url_prefix or ''}")
