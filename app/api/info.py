"""What clients ask to find out whom they talk to."""

from typing import Any

from flask import Blueprint

from app.api.wire import plain
from app.extensions import settings
from app.guard import SIGNED_IN, requires
from app.models import CustomRole
from app.schemas.roles import CustomRoleOut
from app.services import auth, roles, workers
from app.version import API, VERSION

bp = Blueprint("api_info", __name__)

# Parts of the original that this server does not have: clients hide them.
FEATURES = (
    "project_runners", "task_summary", "secret_storages", "secret_storage_management",
    "secret_storage_management_ex", "high_availability", "workflows", "docker_executor",
    "k8s_executor",
)  # fmt: skip
OURS = ("custom_roles_management", "terraform_backend")


@bp.get("/info")
@requires(SIGNED_IN)
def show():
    """Version and features."""
    config = settings()
    return plain(
        {
            "version": f"{API}-heliograph-{VERSION}",
            "ansible": _ansible(),
            "web_host": config.WEB_HOST,
            "use_remote_runner": False,
            "auth_methods": {},
            "login_with_password": auth.offers_password(),
            "features": dict.fromkeys(FEATURES, False) | dict.fromkeys(OURS, True),
            "git_client": config.GIT_CLIENT,
            "schedule_timezone": config.SCHEDULE_TIMEZONE,
            "teams": {},
            "roles": [_shown(role) for role in roles.list_for(None)],
            "boltdb_used": False,
            "jwt": {"enabled": False, "max_ttl": ""},
        }
    )


def _shown(role: CustomRole) -> dict[str, Any]:
    return CustomRoleOut.model_validate(role).model_dump()


def _ansible() -> str:
    """The version that a worker has found, or nothing."""
    told = (worker.facts.get("tools", {}).get("ansible", "") for worker in workers.online())
    return next(filter(None, told), "")
