"""From rows to a RunSpec: what belongs to a run, decrypted, and named as secret."""

import json

import pytest

from app.db import db
from app.lib.keyring import KeyringError
from app.models import AccessKey, Project, Task, TaskTemplate, TemplateVault
from app.services import run_specs, secrets
from tests import factories

NAMES = ("git", "user", "root", "vault", "mapped")
PASSWORDS = ("repository-1", "user-222222", "become-33333", "vault-444444", "mapped-55555")


@pytest.fixture
def template(project: Project) -> TaskTemplate:
    """An Ansible template with a key everywhere where one may be."""
    keys = [password(project, *named) for named in zip(NAMES, PASSWORDS, strict=True)]
    repository = factories.repository(project, ssh_key_id=keys[0].id)
    inventory = factories.inventory(project, "Web", ssh_key_id=keys[1].id, become_key_id=keys[2].id)
    template = factories.template(
        project, app="ansible", playbook="site.yml", repository_id=repository.id,
        inventory_id=inventory.id, working_directory="ops",
        task_params={"limit": ["web1"], "tags": ["a"], "allow_override_limit": True},
    )  # fmt: skip
    template.vaults = [
        TemplateVault(vault_key_id=keys[3].id),
        TemplateVault(name="dev", type="script", script="bin/vault"),
    ]
    factories.host_config(project, "db.example.test", ssh_key_id=keys[4].id)
    factories.host_key(project, "known.example.test")
    db.session.commit()
    return template


def password(project: Project, name: str, value: str) -> AccessKey:
    key = factories.access_key(project, name, type="login_password")
    secrets.seal(key, json.dumps({"login": "ann", "password": value}))
    db.session.commit()
    return key


def test_every_key_is_decrypted_where_it_is_used(template: TaskTemplate) -> None:
    spec = run_specs.build(factories.task(template))
    assert spec.inventory and spec.inventory.user and spec.inventory.become
    assert spec.repository.access and spec.vaults[0].key
    found = (
        spec.repository.access, spec.inventory.user, spec.inventory.become, spec.vaults[0].key,
        spec.host_configs[0].key,
    )  # fmt: skip
    assert tuple(key.password for key in found) == PASSWORDS
    assert [(vault.name, vault.script) for vault in spec.vaults] == [
        ("default", ""), ("dev", "bin/vault")]  # fmt: skip
    assert [key.host for key in spec.host_keys] == ["known.example.test"]
    assert spec.working_directory == "ops"


@pytest.mark.parametrize(
    ("run", "own", "counts"),
    [(60, 0, (60, "run")), (60, 30, (30, "template")), (None, 30, (30, "template"))],
)
def test_the_shortest_limit_counts(template: TaskTemplate, run, own, counts) -> None:
    template.max_duration = own
    spec = run_specs.build(factories.task(template, max_duration=run))
    assert (spec.max_duration, spec.limit_of) == counts


def test_every_secret_is_named_so_that_the_log_masks_it(template: TaskTemplate) -> None:
    spec = run_specs.build(factories.task(template))
    assert set(PASSWORDS) <= set(spec.secrets)
    assert not any(value in repr(spec) for value in PASSWORDS)


def test_parameters_of_the_run_replace_those_of_the_template(template: TaskTemplate) -> None:
    task = factories.task(template, params={"limit": ["web2"], "dry_run": True})
    spec = run_specs.build(task)
    assert spec.params == {"limit": ["web2"], "tags": ["a"], "dry_run": True}


def test_an_inventory_of_the_run_replaces_that_of_the_template(
    project: Project, template: TaskTemplate
) -> None:
    other = factories.inventory(project, "Other", inventory="other")
    spec = run_specs.build(factories.task(template, inventory_id=other.id))
    assert spec.inventory and (spec.inventory.name, spec.inventory.user) == ("Other", None)
    assert spec.details["inventory_name"] == "Other"


def test_what_was_typed_for_the_run_is_known_as_such(
    project: Project, template: TaskTemplate
) -> None:
    template.environments = [factories.environment(project, json='{"a": 1, "b": 2}')]
    spec = run_specs.build(factories.task(template, environment='{"b": 3, "c": "x"}'))
    assert spec.extra_vars == {"a": 1, "b": 3, "c": "x"}
    assert spec.untrusted == {"b", "c"}


def test_a_key_that_cannot_be_decrypted_names_the_missing_one(template: TaskTemplate) -> None:
    row = template.repository.ssh_key
    assert row.secret
    row.secret = row.secret.replace(row.secret.split(".")[1], "AAAAAAAAAAA")
    db.session.commit()
    spec = run_specs.build(factories.task(template))
    assert spec.repository.access and spec.repository.access.lost == "AAAAAAAAAAA"


def test_a_secret_variable_that_cannot_be_decrypted_is_named(
    project: Project, template: TaskTemplate
) -> None:
    group = factories.environment(project, name="Web")
    named = {"owner": "variable", "environment_id": group.id, "secret": "v1.AAAAAAAAAAA.AAAA"}
    factories.access_key(project, "API_TOKEN", type="string", **named)
    template.environments = [group]
    db.session.commit()
    with pytest.raises(KeyringError, match=r"variable API_TOKEN of “Web”: The encryption key AAAA"):
        run_specs.build(factories.task(template))


def test_a_key_without_a_secret_is_known_as_empty(template: TaskTemplate) -> None:
    template.repository.ssh_key.secret = None
    db.session.commit()
    spec = run_specs.build(factories.task(template))
    assert spec.repository.access and spec.repository.access.is_empty


def test_the_keys_of_a_run_are_all_that_it_uses(template: TaskTemplate) -> None:
    task: Task = factories.task(template)
    names = [key.name for key in run_specs.keys_of(task) if key]
    assert names == list(NAMES[:4])
