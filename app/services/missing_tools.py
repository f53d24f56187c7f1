"""Programs that templates need and no worker has: said before a run, which would only fail."""

from app.executors import KINDS
from app.models import TaskTemplate
from app.services import apps, workers


def of(template: TaskTemplate) -> str:
    """What is missing and how to get it; "" if nothing is, or if nobody can know.

    Workers tell what they find under the usual names. Whether a machine has the path that an
    administrator has set is seen when a run begins.
    """
    app, kind = apps.find(template.app), KINDS.get(template.app)
    if app is None or app.path or kind is None:
        return ""
    told = [worker.facts["tools"] for worker in workers.online() if "tools" in worker.facts]
    if not told or any(template.app in tools for tools in told):
        return ""
    return f"{app.name} is on no machine of a worker: its runs fail. Install it: {kind.tool.hint}"
