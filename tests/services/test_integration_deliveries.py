"""The log of an integration stays short."""

from sqlalchemy import select

from app.db import db
from app.models import IntegrationDelivery, Project, Verdict
from app.services import integration_deliveries
from tests import factories


def test_of_each_integration_the_newest_are_kept(project: Project, monkeypatch) -> None:
    monkeypatch.setattr(integration_deliveries, "KEPT", 3)
    monkeypatch.setattr(integration_deliveries, "AT_ONCE", 1)
    template = factories.template(project)
    busy, quiet = factories.integration(template, "Busy"), factories.integration(template, "Quiet")
    made = [factories.delivery(busy).id for _ in range(5)]
    made += [factories.delivery(quiet).id for _ in range(3)]
    assert integration_deliveries.forget_the_old() == 2
    assert list(db.session.scalars(select(IntegrationDelivery.id))) == made[2:]
    assert integration_deliveries.forget_the_old() == 0


def test_strangers_push_out_only_each_other(project: Project, monkeypatch) -> None:
    monkeypatch.setattr(integration_deliveries, "STRANGERS_KEPT", 2)
    integration = factories.integration(factories.template(project), "Deploy")
    good = factories.delivery(integration).id
    bad = [
        factories.delivery(integration, verdict=Verdict.UNAUTHORISED, task_id=None).id
        for _ in range(5)
    ]
    assert integration_deliveries.forget_the_old() == 3
    assert list(db.session.scalars(select(IntegrationDelivery.id))) == [good, *bad[3:]]
