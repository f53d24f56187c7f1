"""What others call when something has happened: a push, a release, an alert."""

from functools import partial

from flask import Blueprint, request

from app.api.wire import done
from app.collisions import retried
from app.db import transaction
from app.guard import PUBLIC, requires
from app.services import webhooks
from app.services.webhook_values import Received

bp = Blueprint("api_webhooks", __name__, url_prefix="/integrations")


@bp.post("/<alias>")
@requires(PUBLIC, transaction=False)
def receive(alias: str):
    """Offer the request to the integrations of this address.

    The answer is always the same, so that nobody learns which addresses exist; what came of it
    is in the log of each integration.
    """
    return _offer(alias)


@bp.get("/<alias>")
@requires(PUBLIC, transaction=False)
def receive_query(alias: str):
    """The same for senders that only know GET: their values are in the query."""
    return _offer(alias)


@bp.route("/<alias>", methods=["OPTIONS"])
@requires(PUBLIC, transaction=False)
def look(alias: str):
    """Some senders try an address first; that starts nothing."""
    return done()


def _offer(alias: str):
    given = Received(
        request.method,
        {name.lower(): value for name, value in request.headers.items()},
        request.args.to_dict(),
        request.get_data(),
    )
    with transaction(write=False):
        asked = webhooks.asked(alias)
    for integration_id in asked.ids:
        retried(partial(webhooks.receive, integration_id, given, is_shared=asked.is_shared))
    return done()
