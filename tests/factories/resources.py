"""What templates are made of: keys, repositories, inventories, variables, hosts."""

from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from app.db import transaction
from app.models import AccessKey, Environment, HostConfig, HostKey, Inventory, Project, Repository
from app.schemas.access_keys import AccessKeyIn
from app.services import access_keys
from tests.factories.rows import add

# A public key as known_hosts has it; its private one is nobody's.
PUBLIC_KEY = "AAAAC3NzaC1lZDI1NTE5AAAAIKCHAGIRCj/U6FgWA8gqCitOHA4sAb40nlnbHlzPmgem"


def access_key(project: Project, name: str = "None", **values: Any) -> AccessKey:
    return add(AccessKey(project_id=project.id, name=name, **{"type": "none"} | values))


def login_key(project: Project, password: str = "s3cret", login: str = "ci") -> AccessKey:
    given = {"login": login, "password": password}
    data = AccessKeyIn(name="State", type="login_password", login_password=given)
    with transaction():
        return access_keys.create(project, data, actor=None)


def private_key(passphrase: str = "") -> str:
    """A new Ed25519 key as ssh-keygen writes it."""
    lock: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        lock = serialization.BestAvailableEncryption(passphrase.encode())
    key = ed25519.Ed25519PrivateKey.generate()
    form = serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH
    return key.private_bytes(*form, lock).decode()


def repository(project: Project, **values: Any) -> Repository:
    given: dict[str, Any] = {"name": "Scripts", "git_url": "https://git.example.test/scripts.git"}
    given |= {"git_branch": "main"} | values
    if "ssh_key_id" not in given:
        given["ssh_key_id"] = access_key(project).id
    return add(Repository(project_id=project.id, **given))


def host_config(project: Project, host: str = "mapped.example.test", **values: Any) -> HostConfig:
    given = {"type": "host"} | values
    if "ssh_key_id" not in given:
        given["ssh_key_id"] = access_key(project, "Mapped", type="ssh").id
    return add(HostConfig(project_id=project.id, host=host, **given))


def host_key(project: Project, host: str = "known.example.test", **values: Any) -> HostKey:
    given = {"type": "ssh-ed25519", "key": PUBLIC_KEY} | values
    return add(HostKey(project_id=project.id, host=host, **given))


def environment(project: Project, name: str = "Empty", **values: Any) -> Environment:
    return add(Environment(project_id=project.id, name=name, **{"json": "{}"} | values))


def inventory(project: Project, name: str = "Hosts", **values: Any) -> Inventory:
    given = {"type": "static", "inventory": "localhost"} | values
    return add(Inventory(project_id=project.id, name=name, **given))
