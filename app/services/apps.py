"""Apps: what a template may run. Some are built in; administrators change these and add others.

Three sources, later ones win: the executors, the setting SEMAPHORE_APPS, and what administrators
have stored, which replaces an app as a whole.
"""

import json
from dataclasses import asdict, dataclass, replace
from typing import Any

from pydantic import ValidationError
from sqlalchemy import select

from app.config import Config
from app.db import db
from app.errors import InUse, Invalid, NotFound
from app.executors import KINDS, kind_of
from app.extensions import settings
from app.lib.settings import SettingError
from app.models import Option, Project, TaskTemplate, User
from app.schemas.apps import ID, AppIn
from app.services import events

MOST_NAMED = 20  # templates that use an app
PREFIX = "apps."  # of the options that hold them


@dataclass(frozen=True, slots=True)
class App:
    """An app as clients see it; empty texts and arguments mean what it has by itself."""

    id: str
    title: str = ""
    icon: str = ""
    color: str = ""
    dark_color: str = ""
    active: bool = True
    priority: int = 0
    path: str = ""
    args: tuple[str, ...] = ()

    @property
    def is_built_in(self) -> bool:
        return self.id in KINDS

    @property
    def name(self) -> str:
        """What people call it."""
        return self.title or kind_of(self.id).title


def all_by_id() -> dict[str, App]:
    """Every app of this server, the most important first."""
    found = {word: App(word, priority=kind.priority) for word, kind in KINDS.items()}
    for app_id, given in configured(settings()).items():
        known = found.get(app_id, App(app_id))
        found[app_id] = replace(known, **_plain(given, only_given=True))
    for app_id, given in _stored().items():
        found[app_id] = App(app_id, **_plain(given))
    return dict(sorted(found.items(), key=lambda item: (-item[1].priority, item[0])))


def find(app_id: str) -> App | None:
    """None for an app that this server does not have."""
    return all_by_id().get(app_id)


def exists(app_id: str) -> bool:
    """Whether this server has an app; asks nothing for one that is built in."""
    return app_id in KINDS or find(app_id) is not None


def get(app_id: str) -> App:
    """Raises NotFound."""
    found = find(app_id)
    if found is None:
        raise NotFound("app not found")  # the original's words
    return found


def create(app_id: str, data: AppIn, *, actor: User) -> None:
    """Make a new app. Raises Invalid for an id that is taken or that none may have."""
    if find(app_id) is not None:
        raise Invalid({"id": "Already taken"})
    put(app_id, data, actor=actor)


def put(app_id: str, data: AppIn, *, actor: User) -> None:
    """Make an app, or replace all of one. Raises Invalid for an id that none may have."""
    if not ID.fullmatch(app_id):
        raise Invalid({"id": "Must be letters, digits, - and _, at most 64 of them"})
    verb = "updated" if exists(app_id) else "created"
    row = db.session.get(Option, PREFIX + app_id, with_for_update=True)
    row = row or Option(key=PREFIX + app_id)
    row.value = data.model_dump_json()
    db.session.add(row)
    events.record(None, actor, App(app_id), verb, name=app_id)


def set_active(app_id: str, active: bool, *, actor: User) -> None:
    """Offer an app for new templates, or no longer; those that have it run on. Raises NotFound."""
    found = get(app_id)
    values = asdict(found) | {"active": active, "args": list(found.args)}
    put(app_id, AppIn(**values), actor=actor)


def delete(app_id: str, *, actor: User) -> None:
    """Forget what was stored of an app; one that is built in is as it was at first.

    Raises InUse for another one that templates have. One that is not there is deleted already.
    """
    if users_of(app_id):
        raise InUse("The app is in use by one or more templates")
    known = _is_known(app_id)
    if row := db.session.get(Option, PREFIX + app_id):
        db.session.delete(row)
        verb = "put back to what it was at first" if known else "deleted"
        events.record(None, actor, App(app_id), verb, name=app_id)


def users_of(app_id: str) -> list[tuple[TaskTemplate, str]]:
    """The templates that would have no app without what is stored of it, each with the name of its
    project; the first MOST_NAMED."""
    if _is_known(app_id):
        return []
    query = select(TaskTemplate, Project.name).filter_by(app=app_id)
    query = query.join(Project, Project.id == TaskTemplate.project_id)
    rows = db.session.execute(query.order_by(Project.name, TaskTemplate.name).limit(MOST_NAMED))
    return [(row.TaskTemplate, row.name) for row in rows]


def _is_known(app_id: str) -> bool:
    """Whether there is such an app besides what is stored."""
    return app_id in KINDS or app_id in configured(settings())


def configured(config: Config) -> dict[str, AppIn]:
    """What the setting SEMAPHORE_APPS says. Raises SettingError that names what is wrong."""
    return {app_id: _read(app_id, text) for app_id, text in config.APPS.items()}


def _read(app_id: str, text: str) -> AppIn:
    where = f"SEMAPHORE_APPS: {app_id}"
    if not ID.fullmatch(app_id):
        raise SettingError(f"{where}: an id is letters, digits, - and _")
    try:
        return AppIn.model_validate_json(text, strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"])) or "it"
        raise SettingError(f"{where}: {field}: {first['msg']}") from error


def _stored() -> dict[str, AppIn]:
    query = select(Option).where(Option.key.startswith(PREFIX, autoescape=True))
    return {
        row.key.removeprefix(PREFIX): AppIn.model_validate(json.loads(row.value))
        for row in db.session.scalars(query)
    }


def _plain(given: AppIn, *, only_given: bool = False) -> dict[str, Any]:
    values = given.model_dump(exclude_unset=only_given)
    return values | ({"args": tuple(values["args"])} if "args" in values else {})
