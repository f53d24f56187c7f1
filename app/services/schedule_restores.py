"""The schedules of a backup file, of ours and of older servers'."""

from app.models import Project, Schedule, User
from app.schemas.project_backups import ProjectBackup, ScheduleEntry
from app.schemas.schedules import ScheduleIn
from app.schemas.tasks import TaskIn
from app.services import schedules
from app.services.backup_files import Find


def make(project: Project, entry: ScheduleEntry, find: Find, *, actor: User | None) -> Schedule:
    """A schedule as the file has it, switched on if it was."""
    params, own = entry.task_params, {}
    if entry.inventory:
        own["inventory_id"] = find("inventories", "inventory", entry.inventory)
    if entry.environment:
        own["environment_id"] = find("environments", "environment", entry.environment)
    if own:
        params = (params or TaskIn.model_validate({})).model_copy(update=own)
    watched = find("repositories", "checkable_repository", entry.checkable_repository)
    ids = {
        "template_id": find("templates", "template", entry.template),
        "repository_id": watched,
        "task_params": params,
    }
    return schedules.add(project, entry.model_copy(update=ids), actor=actor)


def of_older_servers(
    project: Project, backup: ProjectBackup, find: Find, *, actor: User | None
) -> None:
    """Their files have no schedules, but a line with each template. They do not say whether it was
    switched on, so that it is off now."""
    named = {entry.template for entry in backup.schedules}
    for entry in backup.templates:
        if entry.cron and entry.name not in named:
            template = find("templates", "name", entry.name)
            data = ScheduleIn(template_id=template, cron_format=entry.cron, active=False)
            schedules.add(project, data, actor=actor)
