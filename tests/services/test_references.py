import pytest

from app.errors import InUse, Invalid, NotFound
from app.models import AccessKey, Inventory, Project
from app.services import references
from tests import factories


def test_what_a_url_names_is_fetched_through_its_project(project: Project) -> None:
    mine = factories.inventory(project)
    foreign = factories.inventory(factories.project("Other"))
    assert references.get_owned(Inventory, project, mine.id) == mine
    for object_id in (foreign.id, 0, -1):
        with pytest.raises(NotFound):
            references.get_owned(Inventory, project, object_id)


def test_what_a_body_names_is_checked_through_the_project(project: Project) -> None:
    key = factories.access_key(project)
    foreign = factories.access_key(factories.project("Other"))
    assert references.check_reference(AccessKey, project, "ssh_key_id", key.id) == key
    assert references.check_reference(AccessKey, project, "ssh_key_id", None) is None
    for object_id in (foreign.id, -1):
        with pytest.raises(Invalid, match=r"^ssh_key_id: There is no key"):
            references.check_reference(AccessKey, project, "ssh_key_id", object_id)


def test_a_reference_that_is_needed_is_asked_for_by_name(project: Project) -> None:
    with pytest.raises(Invalid, match=r"^ssh_key_id: Choose a key of this project"):
        references.require_reference(AccessKey, project, "ssh_key_id", None)


def test_a_reference_that_was_made_meanwhile_refuses_the_deletion(project: Project) -> None:
    """The database is the last to look; the check before it has seen nothing."""
    used = factories.template(project).repository
    with pytest.raises(InUse, match="Repository is in use by one or more templates"):
        references.remove("Repository", used)
