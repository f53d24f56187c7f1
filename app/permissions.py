"""Who may do what in a project. The bit values are the original's and go over the wire."""

from collections.abc import Mapping
from enum import IntFlag, StrEnum
from typing import NamedTuple


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

# What a custom role can give at a template: nothing else there is to be done with one.
AT_TEMPLATE = Permission.RUN_TASKS | Permission.MANAGE_RESOURCES


def given_by(attached: int, at_most: int) -> Permission:
    """What a role gives its holders at a template: `attached` there, `at_most` it says itself."""
    return Permission(attached & at_most) & AT_TEMPLATE


class Rights(NamedTuple):
    """What somebody may do everywhere in a project, and what is added at single templates."""

    everywhere: Permission
    added: Mapping[int, Permission]

    def at(self, template_id: int) -> Permission:
        """What he may do with one template and its runs."""
        return self.everywhere | self.added.get(template_id, Permission.VIEW)

    def anywhere(self, permission: Permission) -> bool:
        """Whether there is a template, at least, with which he may do this."""
        return any(permission in self.everywhere | given for given in self.added.values())
