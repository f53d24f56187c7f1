"""Arguments of ansible-playbook from people who may run a template, but not write it."""

import pytest

from app.executors.ansible_arguments import refusal


@pytest.mark.parametrize("arguments", [
    [], ["--check", "--diff"], ["-C", "-vvv"], ["--limit", "web*,!web3"], ["--limit=web1"],
    ["--tags=a,b", "--skip-tags", "c"], ["-f", "20"], ["--start-at-task", "Copy it"],
])  # fmt: skip
def test_what_only_narrows_a_run_is_allowed(arguments: list[str]) -> None:
    assert refusal(arguments) == ""


@pytest.mark.parametrize("arguments", [
    ["-e", "ansible_connection=local"], ["-eansible_connection=local"],
    ["--extra-vars", "x={{ lookup('pipe', 'id') }}"], ["--extra-vars=@/etc/shadow"],
    ["--extra-v=@/etc/shadow"], ["-i", "/etc/passwd"], ["--inventory=localhost,"],
    ["-c", "local"], ["--conn=local"], ["--vault-password-file", "/etc/shadow"],
    ["--vault-id=x@script"], ["--private-key=/root/.ssh/id_ed25519"], ["-M", "/tmp/modules"],
    ["--ssh-common-args=-oProxyCommand=id"], ["--become-password-file=/etc/shadow"],
    ["-u", "root"], ["-b"], ["--become-user=root"], ["-Cie"], ["-vi", "x"], ["other.yml"],
    ["--", "other.yml"], ["--check=1", "other.yml"], ["-l=web"], ["--limit", "@/etc/shadow"],
    ["--limit=web,@/etc/shadow"], ["-lweb"], ["--limit", "web", "x.yml"], [""],
])  # fmt: skip
def test_what_changes_code_hosts_accounts_or_variables_is_not(arguments: list[str]) -> None:
    assert "may edit the template" in refusal(arguments)
