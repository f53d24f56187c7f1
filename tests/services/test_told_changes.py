"""What matters for security leaves a trace in the activity, whoever or whatever does it."""

from datetime import timedelta

from sqlalchemy import select

from app.clock import utcnow
from app.db import db, transaction
from app.models import Event, Project, User
from app.services import api_tokens, auth, host_keys, project_views, removing
from tests import factories


def told() -> list[str]:
    return list(db.session.scalars(select(Event.description).order_by(Event.id)))


def test_passwords_and_tokens(cast: dict[str, User]) -> None:
    alice, root = cast["alice"], cast["root"]
    auth.change_password(alice, "another horse", actor=root, keep_session=None)
    row, token = api_tokens.create(alice, expires_at=utcnow() + timedelta(days=1))
    prefix = row.prefix
    api_tokens.delete(alice, token)
    assert told()[-3:] == [
        "User alice given a new password",
        f"User alice given the API token {prefix}…",
        f"User alice deprived of the API token {prefix}…",
    ]
    assert all(token not in text for text in told())


def test_a_host_that_a_run_has_accepted(project: Project) -> None:
    with transaction():
        host_keys.learn(project.id, "web1", 22, "ssh-ed25519", "AAAA")
        host_keys.learn(project.id, "web1", 22, "ssh-ed25519", "BBBB")
    assert told()[-1] == "Known host web1 learned by a run"
    assert len([text for text in told() if "web1" in text]) == 1


def test_the_order_of_views(project: Project, cast: dict[str, User]) -> None:
    first, _ = factories.view(project, "A"), factories.view(project, "B")
    project_views.move(project, first.id, by=1, actor=cast["bob"])
    assert told()[-1] == f"Project {project.name} given another order of its views"


def test_the_wish_to_delete(project: Project, cast: dict[str, User]) -> None:
    template = factories.template(project, "Deploy")
    factories.task(template, status="running")
    removing.ask_for_template(project, template.id, actor=cast["bob"])
    assert "Template Deploy to be deleted once its runs end" in told()
