"""What runs have left takes how much of what it may, in words."""

from collections.abc import Iterator

from app.extensions import settings
from app.services import retention
from app.services.protection import Line

MB = 1 << 20
MUCH = 0.9  # of what they may take


def lines() -> Iterator[Line]:
    """How much the artifacts of all runs take."""
    taken, most = retention.taken_by_artifacts() / MB, settings().ARTIFACTS_TOTAL_MB
    if not most:
        yield Line("ok", "artifacts", f"{taken:,.1f} MB; there is no limit")
        return
    state = "ok" if taken < MUCH * most else "note"
    rule = "the oldest make room for new ones"
    yield Line(state, "artifacts", f"{taken:,.1f} MB of {most:,} MB at most; {rule}")
