"""Pages: one blueprint for each entity."""

from flask import Flask

from app.web import (
    access_checks,
    access_keys,
    account,
    activity,
    admin,
    apps,
    assets,
    components,
    dev,
    environments,
    headers,
    health,
    help,
    hx,
    integrations,
    inventories,
    legacy,
    member_roles,
    nav,
    overview,
    project_restores,
    project_settings,
    project_users,
    projects,
    repositories,
    roles,
    run_log,
    schedules,
    setup,
    shown_apps,
    sign_in,
    task_templates,
    tasks,
    users,
)

BLUEPRINTS = (
    legacy.bp,
    health.bp,
    help.bp,
    setup.bp,
    sign_in.bp,
    account.bp,
    admin.bp,
    apps.bp,
    roles.bp,
    projects.bp,
    project_restores.bp,
    overview.bp,
    task_templates.bp,
    tasks.bp,
    run_log.bp,
    schedules.bp,
    inventories.bp,
    integrations.bp,
    environments.bp,
    access_keys.bp,
    repositories.bp,
    activity.bp,
    project_settings.bp,
    project_users.bp,
    access_checks.bp,
    users.bp,
    roles.project_bp,
    member_roles.bp,
)


def init_app(app: Flask) -> None:
    for part in (assets, components, shown_apps, hx, nav, headers, dev):
        part.init_app(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
