"""What a run of the real ansible-playbook tells beside its output."""

import json
import re
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from app.executors.spec import InventorySpec
from tests.executors.reporters import ListReporter
from tests.executors.runs import run
from tests.executors.test_ansible import play  # noqa: F401  a fixture

HOSTS = InventorySpec(
    3,
    "Several",
    "static",
    "good ansible_connection=local\n"
    "bad ansible_connection=local\n"
    "away ansible_connection=ssh ansible_host=127.0.0.1 ansible_port=1\n",
)
LOCAL = InventorySpec(
    3, "Two", "static", "a ansible_connection=local\nb ansible_connection=local\n"
)


def told(reporter: ListReporter, kind: str) -> list[dict[str, Any]]:
    return [data for name, data in reporter.events if name == kind]


def parts(reporter: ListReporter) -> list[tuple[str, str]]:
    return [(data["part"], data["title"]) for data in told(reporter, "part")]


def outcomes(reporter: ListReporter) -> list[tuple[str, str]]:
    return [(data["host"], data["status"]) for data in told(reporter, "result")]


def ended(spec: Any) -> ListReporter:
    reporter = ListReporter()
    run(spec, reporter)
    return reporter


def names_host(reporter: ListReporter, result: dict[str, Any]) -> bool:
    """Whether the lines of a result are of its host; a banner, or the error, comes first."""
    after = [each["line"] for each in told(reporter, "result") if each["line"] > result["line"]]
    lines = reporter.lines[result["line"] : min(after, default=None)]
    return f"[{result['host']}]" in "".join(lines)


EVERYTHING = """
- name: First
  hosts: all
  gather_facts: false
  tasks:
    - name: reach
      command: echo hello {{ inventory_hostname }}
    - name: break
      command: "false"
      when: inventory_hostname == "bad"
    - name: compare
      copy: {content: "new\\n", dest: "{{ playbook_dir }}/made"}
      diff: true
      notify: act
    - name: nothing
      debug: msg="{{ item }}"
      loop: [one, two]
  handlers:
    - name: act
      debug: msg=handled
"""


def test_every_host_and_task_is_told(play):  # noqa: F811
    reporter = ended(play(EVERYTHING, inventory=HOSTS))
    assert parts(reporter) == [
        ("play", "First"), ("task", "reach"), ("task", "break"), ("task", "compare"),
        ("task", "nothing"), ("handler", "act"), ("recap", "Play recap"),
    ]  # fmt: skip
    assert Counter(outcomes(reporter)) == {
        ("good", "changed"): 2, ("bad", "changed"): 1, ("away", "unreachable"): 1,
        ("good", "skipped"): 1, ("bad", "failed"): 1, ("good", "ok"): 2,
    }  # fmt: skip
    sums = {"ok": 4, "changed": 2, "failed": 0, "skipped": 1, "unreachable": 0, "rescued": 0}
    hosts = told(reporter, "recap")[0]["hosts"]
    assert hosts["good"] == sums | {"ignored": 0}
    assert (hosts["bad"]["failed"], hosts["away"]["unreachable"]) == (1, 1)


def test_the_reason_of_a_failure_is_the_first_thing_that_failed(play):  # noqa: F811
    outcome, _ = run(play(EVERYTHING, inventory=HOSTS))
    assert outcome.reason and re.fullmatch(
        r"away is unreachable: .*Connection refused.* \(1 more host failed\)", outcome.reason
    )
    outcome, _ = run(play(EVERYTHING, inventory=HOSTS, params={"limit": ["good", "bad"]}))
    assert outcome.reason == "“break” failed on bad: non-zero return code"


def test_what_fails_before_any_task_is_told_by_its_exit_code(play):  # noqa: F811
    outcome, _ = run(play("- hosts: all\n  tasks:\n    - nonsense: 1\n", inventory=LOCAL))
    assert outcome.reason == "site.yml ended with exit code 4"


def test_each_part_and_result_has_its_line(play):  # noqa: F811
    reporter = ended(play(EVERYTHING, inventory=HOSTS))
    for part in told(reporter, "part"):
        word = "RUNNING HANDLER" if part["part"] == "handler" else part["part"].upper()
        assert word in reporter.lines[part["line"]]
        assert part["part"] == "recap" or part["title"] in reporter.lines[part["line"]]
    assert all(names_host(reporter, result) for result in told(reporter, "result"))


def test_the_output_shows_no_mark(play):  # noqa: F811
    reporter = ended(play(EVERYTHING, inventory=HOSTS))
    assert "7717" not in reporter.text
    assert not [line for line in reporter.lines if line.startswith("\x1b]")]


def test_a_detail_has_what_the_module_has_answered(play):  # noqa: F811
    reporter = ended(play(EVERYTHING, inventory=HOSTS))
    details = {(d["host"], d["status"]): d["detail"] for d in told(reporter, "result")}
    assert details["bad", "changed"]["stdout"] == "hello bad"
    assert details["bad", "failed"]["rc"] == 1
    assert "connect" in details["away", "unreachable"]["msg"]
    diffs = [d["detail"]["diff"] for d in told(reporter, "result") if "diff" in d["detail"]]
    assert len(diffs) == 1
    assert "+new" in diffs[0]


def test_a_loop_tells_its_items(play):  # noqa: F811
    text = """
- hosts: a
  gather_facts: false
  tasks:
    - command: test {{ item }} != two
      loop: [one, two]
"""
    [result] = told(ended(play(text, inventory=LOCAL)), "result")
    assert result["status"] == "failed"
    found = [(item["item"], item["status"]) for item in result["detail"]["items"]]
    assert found == [("one", "changed"), ("two", "failed")]
    assert result["detail"]["item_count"] == 2


def test_what_failed_and_went_on_is_told_so(play):  # noqa: F811
    text = """
- hosts: a
  gather_facts: false
  tasks:
    - name: ignored
      command: "false"
      ignore_errors: true
    - block:
        - name: rescued
          command: "false"
      rescue:
        - name: saving
          debug: msg=saved
"""
    reporter = ended(play(text, inventory=LOCAL))
    found = [(d["status"], d["ignored"], d["rescued"]) for d in told(reporter, "result")]
    assert found == [("failed", True, False), ("failed", False, True), ("ok", False, False)]
    sums = told(reporter, "recap")[0]["hosts"]["a"]
    assert (sums["failed"], sums["ignored"], sums["rescued"]) == (0, 1, 1)


def test_a_task_with_no_log_tells_nothing_of_its_answer(play):  # noqa: F811
    text = """
- hosts: a
  gather_facts: false
  tasks:
    - command: echo the-secret-answer
      no_log: true
"""
    reporter = ended(play(text, inventory=LOCAL))
    assert "the-secret-answer" not in json.dumps(told(reporter, "result"))
    assert outcomes(reporter) == [("a", "changed")]


def test_hosts_that_run_freely_tell_each_task_where_its_result_is(play):  # noqa: F811
    text = """
- hosts: all
  strategy: free
  gather_facts: false
  tasks:
    - {name: one, debug: msg=1}
    - {name: two, debug: msg=2}
"""
    reporter = ended(play(text, inventory=LOCAL))
    assert Counter(outcomes(reporter)) == {("a", "ok"): 2, ("b", "ok"): 2}
    assert {title for kind, title in parts(reporter) if kind == "task"} == {"one", "two"}
    assert all(names_host(reporter, result) for result in told(reporter, "result"))


def test_included_tasks_and_roles_are_parts_too(play):  # noqa: F811
    text = """
- hosts: a
  gather_facts: false
  roles: [base]
  tasks:
    - include_tasks: more.yml
"""
    files = {
        "roles/base/tasks/main.yml": "- {name: of the role, debug: msg=1}\n",
        "more.yml": "- {name: included, debug: msg=1}\n",
    }
    found = [title for kind, title in parts(ended(play(text, files, inventory=LOCAL)))]
    assert "base : of the role" in found
    assert "included" in found


def test_a_task_cannot_find_the_descriptor_or_the_nonce(play):  # noqa: F811
    text = """
- hosts: a
  gather_facts: false
  tasks:
    - shell: env; ls -l /proc/self/fd
"""
    reporter = ended(play(text, inventory=LOCAL))
    [result] = told(reporter, "result")
    assert "HELIOGRAPH_RESULTS" not in result["detail"]["stdout"]
    assert result["detail"]["stdout"].count("pipe:") <= 3


def test_marks_that_a_task_prints_are_text(play):  # noqa: F811
    text = """
- hosts: a
  gather_facts: false
  tasks:
    - debug: msg="{{ '\\u001b]7717;0123456789abcdef0123456789abcdef;9\\u0007' }}"
"""
    reporter = ended(play(text, inventory=LOCAL))
    assert "7717;0123456789abcdef0123456789abcdef;9" in reporter.text
    assert outcomes(reporter) == [("a", "ok")]


def test_callbacks_of_the_repository_still_work(play):  # noqa: F811
    plugin = """
from ansible.plugins.callback import CallbackBase
class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "own"
    def v2_playbook_on_start(self, playbook):
        self._display.display("the repository's own callback")
"""
    files = {
        "ansible.cfg": "[defaults]\ncallback_plugins = plugins\n",
        "plugins/own.py": plugin,
    }
    reporter = ended(
        play("- hosts: a\n  gather_facts: false\n  tasks: []\n", files, inventory=LOCAL)
    )
    assert "the repository's own callback" in reporter.text
    assert parts(reporter)[-1] == ("recap", "Play recap")


@pytest.mark.parametrize("callback", ["minimal", "oneline"])
def test_another_standard_callback_changes_nothing(play, callback):  # noqa: F811
    files = {"ansible.cfg": f"[defaults]\nstdout_callback = {callback}\n"}
    text = "- hosts: all\n  gather_facts: false\n  tasks:\n    - debug: msg=1\n"
    reporter = ended(play(text, files, inventory=LOCAL))
    assert Counter(outcomes(reporter)) == {("a", "ok"): 1, ("b", "ok"): 1}


FOREIGN = """#!/bin/sh
case "$*" in *--version*) echo "ansible-playbook [core 2.9.0]"; exit;; esac
cat <<'END'

PLAY [Old] *******************************************************

TASK [say] *******************************************************
ok: [a]

PLAY RECAP *******************************************************
a                          : ok=1    changed=0    unreachable=0    failed=0
b                          : ok=0    changed=0    unreachable=1    failed=0
END
"""


def test_without_our_callback_the_text_tells_parts_and_recap(play, tmp_path):  # noqa: F811
    program = tmp_path / "ansible-playbook"
    program.write_text(FOREIGN)
    program.chmod(0o755)
    spec = play(inventory=LOCAL)
    spec = replace(spec, settings=replace(spec.settings, app_path=str(program)))
    reporter = ended(spec)
    assert parts(reporter) == [("play", "Old"), ("task", "say"), ("recap", "Play recap")]
    assert [reporter.lines[part["line"]][:8] for part in told(reporter, "part")] == [
        "PLAY [Ol", "TASK [sa", "PLAY REC",
    ]  # fmt: skip
    a, b = (data["hosts"] for data in told(reporter, "recap"))
    assert a["a"]["ok"] == b["b"]["unreachable"] == 1
