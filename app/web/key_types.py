"""What pages call the types of keys, and the pickers of keys."""

from collections.abc import Iterable

from app.models import AccessKey, AccessKeyType

TITLES = {
    AccessKeyType.SSH: "SSH key",
    AccessKeyType.LOGIN_PASSWORD: "username and password",
    AccessKeyType.NONE: "no credentials",
}
EVERY = tuple(TITLES)
VAULTS = (AccessKeyType.LOGIN_PASSWORD,)
PASSWORDS = (AccessKeyType.LOGIN_PASSWORD, AccessKeyType.NONE)  # what becoming root can use


def title(kind: str) -> str:
    """The type of a key in words; one that pages do not know keeps its name."""
    return next((text for known, text in TITLES.items() if known == kind), kind)


def labelled(key: AccessKey) -> str:
    """A key with its type, as pickers show it."""
    return f"{key.name} ({title(key.type)})"


def options(
    keys: Iterable[AccessKey],
    fitting: tuple[AccessKeyType, ...] = EVERY,
    current: int | str | None = None,
) -> list[tuple[int, str]]:
    """The items of a picker: keys of fitting types, and the one that is chosen, whatever it is."""
    return [
        (key.id, labelled(key))
        for key in keys
        if key.type in fitting or str(key.id) == str(current)
    ]
