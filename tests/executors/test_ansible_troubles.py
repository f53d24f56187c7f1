"""What ansible says before its first task is the reason of the run."""

from app.executors.spec import InventorySpec
from tests.executors.runs import run
from tests.executors.test_ansible import play  # noqa: F401  a fixture

LOCAL = InventorySpec(3, "One", "static", "a ansible_connection=local\n")
PLAY = "- hosts: all\n  gather_facts: false\n  tasks:\n    - debug:\n"


def test_a_limit_without_hosts_is_the_reason(play):  # noqa: F811
    outcome, _ = run(play(PLAY, inventory=LOCAL, params={"limit": ["web9", "db*"]}))
    assert outcome.reason == "The limit “web9,db*” matches no host of the inventory"


def test_a_play_that_only_says_so_has_another_reason(play):  # noqa: F811
    says = "ERROR: leaves us with no hosts to target"
    text = PLAY + f"        msg: '{says}'\n    - fail:\n        msg: broken\n"
    outcome, _ = run(play(text, inventory=LOCAL, params={"limit": ["a"]}))
    assert "broken" in (outcome.reason or "")
