import json
from datetime import timedelta

import pytest

from app.db import db
from app.errors import InUse, Invalid, NotFound
from app.lib import private_keys
from app.models import AccessKey, Project, User
from app.schemas.access_keys import AccessKeyChange, AccessKeyIn, LoginPassword, SshKey
from app.services import access_keys, secrets
from tests import factories

LOGIN = AccessKeyIn(
    name="db", type="login_password", login_password=LoginPassword(login="dba", password="s3cret")
)


@pytest.fixture
def key(project: Project) -> AccessKey:
    return access_keys.create(project, LOGIN, actor=None)


def override(**values: object) -> AccessKeyChange:
    return AccessKeyChange.model_validate({"name": "db", "override_secret": True} | values)


def test_a_secret_is_stored_encrypted_and_read_by_workers_only(key: AccessKey) -> None:
    assert key.secret.startswith("v1.") and "s3cret" not in key.secret
    assert json.loads(secrets.open(key)) == {"login": "dba", "password": "s3cret"}


def test_a_change_without_override_only_renames(project: Project, key: AccessKey) -> None:
    change = AccessKeyChange(name="renamed", type="ssh", ssh=SshKey(private_key="zzz"))
    access_keys.update(project, key.id, change, actor=None)
    assert (key.name, key.type) == ("renamed", "login_password")
    assert json.loads(secrets.open(key))["password"] == "s3cret"


def test_a_change_with_override_replaces_type_and_secret(project: Project, key: AccessKey) -> None:
    text = factories.private_key()
    change = override(type="ssh", ssh={"private_key": text})
    access_keys.update(project, key.id, change, actor=None)
    assert key.type == "ssh"
    assert json.loads(secrets.open(key)) == {"login": "", "passphrase": "", "private_key": text}
    access_keys.update(project, key.id, override(type="none"), actor=None)
    assert key.secret is None


def test_a_key_in_use_keeps_its_type_but_may_get_a_new_secret(
    project: Project, key: AccessKey
) -> None:
    factories.repository(project, ssh_key_id=key.id)
    with pytest.raises(InUse):
        access_keys.update(project, key.id, override(type="none"), actor=None)
    change = override(type="login_password", login_password={"password": "n3w"})
    access_keys.update(project, key.id, change, actor=None)
    assert json.loads(secrets.open(key))["password"] == "n3w"


def test_a_key_that_proves_senders_keeps_its_type(project: Project, key: AccessKey) -> None:
    template = factories.template(project)
    integration = factories.integration(template, "Deploy", auth_secret_id=key.id)
    with pytest.raises(InUse) as refused:
        access_keys.update(project, key.id, override(type="none"), actor=None)
    assert refused.value.refs["integrations"] == [{"id": integration.id, "name": "Deploy"}]


def test_a_key_in_use_is_not_deleted_and_its_users_are_named(
    project: Project, key: AccessKey
) -> None:
    repository = factories.repository(project, ssh_key_id=key.id)
    inventory = factories.inventory(project, become_key_id=key.id)
    with pytest.raises(InUse, match="Access Key is in use by one or more templates") as refused:
        access_keys.delete(project, key.id, actor=None)
    assert refused.value.refs["repositories"] == [{"id": repository.id, "name": "Scripts"}]
    assert refused.value.refs["inventories"] == [{"id": inventory.id, "name": "Hosts"}]
    db.session.delete(repository)
    inventory.become_key_id = None
    access_keys.delete(project, key.id, actor=None)
    assert db.session.get(AccessKey, key.id) is None


def test_a_secret_of_a_group_is_no_key(cast: dict[str, User], project: Project) -> None:
    group = factories.environment(project)
    hidden = factories.access_key(project, "TOKEN", owner="environment", environment_id=group.id)
    assert hidden not in access_keys.list_for(project)
    with pytest.raises(NotFound):
        access_keys.get(project, hidden.id)
    with pytest.raises(Invalid) as refused:
        access_keys.check(project, "ssh_key_id", hidden.id)
    assert list(refused.value.fields) == ["ssh_key_id"]


def test_keys_are_listed_in_the_order_asked_for(project: Project, key: AccessKey) -> None:
    for name, kind in (("Zed", "ssh"), ("alpha", "none")):
        factories.access_key(project, name, type=kind)

    def names(**order: object) -> list[str]:
        return [key.name for key in access_keys.list_for(project, **order)]

    assert names() == ["alpha", "db", "Zed"]
    assert names(descending=True) == ["Zed", "db", "alpha"]
    assert names(sort="type") == ["db", "alpha", "Zed"]


def test_kind_and_fingerprint_of_a_private_key_are_kept_beside_it(project: Project) -> None:
    for passphrase in ("", "open sesame"):
        text = factories.private_key(passphrase)
        part = SshKey(private_key=text, passphrase=passphrase)
        made = access_keys.create(project, AccessKeyIn(name="k", type="ssh", ssh=part), actor=None)
        assert made.key_kind == "ED25519"
        assert made.fingerprint == private_keys.read(text, passphrase).fingerprint
        access_keys.update(project, made.id, override(type="none"), actor=None)
        assert (made.key_kind, made.fingerprint) == (None, None)


@pytest.mark.parametrize(
    ("passphrase", "field", "reason"),
    [
        ("wrong", "ssh.passphrase", "This is not the passphrase of the key"),
        ("", "ssh.passphrase", "The key is encrypted, so its passphrase is needed"),
    ],
)
def test_a_key_needs_its_own_passphrase(
    project: Project, passphrase: str, field: str, reason: str
) -> None:
    part = SshKey(private_key=factories.private_key("open sesame"), passphrase=passphrase)
    with pytest.raises(Invalid) as refused:
        access_keys.create(project, AccessKeyIn(name="k", type="ssh", ssh=part), actor=None)
    assert refused.value.fields == {field: reason}


def test_the_use_of_a_key_is_remembered_to_the_hour(project: Project) -> None:
    used, none = (factories.access_key(project, type=word) for word in ("login_password", "none"))
    access_keys.note_use([used, none, None])
    first = used.last_used
    assert first is not None and none.last_used is None
    access_keys.note_use([used])
    assert used.last_used == first
    used.last_used = first - timedelta(hours=2)
    access_keys.note_use([used])
    assert used.last_used > first - timedelta(hours=1)
