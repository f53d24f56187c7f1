"""Which files of a repository a picker of scripts offers."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scripts:
    """Files whose names end with one of `endings` (none: all), and of these, with `containing`,
    those in which a line matches it (a POSIX extended regular expression, as git grep reads it)."""

    endings: tuple[str, ...] = ()
    containing: str = ""

    def fits(self, name: str) -> bool:
        return not self.endings or name.endswith(self.endings)


ANY = Scripts()
PLAYBOOKS = Scripts(
    (".yml", ".yaml"),
    r"^[[:space:]]*-?[[:space:]]*(hosts|(ansible\.builtin\.)?import_playbook)[[:space:]]*:",
)
