from app.models.access_keys import AccessKey, AccessKeyType
from app.models.api_tokens import ApiToken
from app.models.environments import Environment
from app.models.events import Event
from app.models.host_configs import HostConfig
from app.models.host_keys import HostKey
from app.models.integration_deliveries import IntegrationDelivery, Verdict
from app.models.integrations import (
    Integration,
    IntegrationAlias,
    IntegrationExtractValue,
    IntegrationMatcher,
)
from app.models.inventories import WORKSPACES, Inventory, InventoryType
from app.models.options import Option
from app.models.project_users import ProjectUser
from app.models.project_views import ProjectView
from app.models.projects import Project
from app.models.removals import Removal
from app.models.repositories import Repository
from app.models.roles import CustomRole, project_user_role
from app.models.schedules import Schedule, ScheduleFire
from app.models.sessions import Session
from app.models.task_artifacts import TaskArtifact, TaskArtifactPiece
from app.models.task_manifests import TaskManifest
from app.models.task_plans import TaskPlan, TaskPlanChange, TaskPlanPiece, TaskToolOutputs
from app.models.task_results import TaskHost, TaskResult
from app.models.task_templates import TaskTemplate, template_environment
from app.models.tasks import (
    ACTIVE,
    FINISHED,
    HELD,
    Task,
    TaskChunk,
    TaskSection,
    TaskStatus,
)
from app.models.template_roles import TemplateRole
from app.models.template_vaults import TemplateVault
from app.models.terraform_states import TerraformAlias, TerraformLock, TerraformState
from app.models.users import User
from app.models.workers import Lock, Worker

__all__ = [
    "ACTIVE",
    "FINISHED",
    "HELD",
    "WORKSPACES",
    "AccessKey",
    "AccessKeyType",
    "ApiToken",
    "CustomRole",
    "Environment",
    "Event",
    "HostConfig",
    "HostKey",
    "Integration",
    "IntegrationAlias",
    "IntegrationDelivery",
    "IntegrationExtractValue",
    "IntegrationMatcher",
    "Inventory",
    "InventoryType",
    "Lock",
    "Option",
    "Project",
    "ProjectUser",
    "ProjectView",
    "Removal",
    "Repository",
    "Schedule",
    "ScheduleFire",
    "Session",
    "Task",
    "TaskArtifact",
    "TaskArtifactPiece",
    "TaskChunk",
    "TaskHost",
    "TaskManifest",
    "TaskPlan",
    "TaskPlanChange",
    "TaskPlanPiece",
    "TaskResult",
    "TaskSection",
    "TaskStatus",
    "TaskTemplate",
    "TaskToolOutputs",
    "TemplateRole",
    "TemplateVault",
    "TerraformAlias",
    "TerraformLock",
    "TerraformState",
    "User",
    "Verdict",
    "Worker",
    "project_user_role",
    "template_environment",
]
