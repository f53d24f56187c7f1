"""Who may do what in a project. The bit values are the original's and go over the wire."""

from enum import IntFlag, StrEnum


class Permission(IntFlag):
    VIEW = 0
    RUN_TASKS = 1
    UPDATE_PROJECT = 2
    MANAGE_RESOURCES = 4
    MANAGE_USERS = 8


ALL = (
    Permission.RUN_TASKS
    | Permission.UPDATE_PROJECT
    | Permission.MANAGE_RESOURCES
    | Permission.MANAGE_USERS
)


class Role(StrEnum):
    OWNER = "owner"
    MANAGER = "manager"
    TASK_RUNNER = "task_runner"
    GUEST = "guest"

    @property
    def permissions(self) -> Permission:
        return GRANTS[self]

    def can(self, permission: Permission) -> bool:
        return permission in GRANTS[self]


GRANTS = {
    Role.OWNER: ALL,
    Role.MANAGER: Permission.RUN_TASKS | Permission.MANAGE_RESOURCES,
    Role.TASK_RUNNER: Permission.RUN_TASKS,
    Role.GUEST: Permission.VIEW,
}
