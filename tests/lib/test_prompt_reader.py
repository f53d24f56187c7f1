import pytest

from app.lib.prompt_reader import Prompt, PromptReader

SSH, BECOME, VAULT = b"SSH password:", b"BECOME password", b"Vault password (prod):"


def found_in(*pieces):
    """What is found in output that comes in these pieces; the beginnings of prompts as text."""
    reader = PromptReader([SSH, BECOME, VAULT])
    found = []
    for piece in pieces:
        reader.feed(piece)
        while (one := reader.next()) is not None:
            found.append(one.beginning.decode() if isinstance(one, Prompt) else one)
    return [*found, reader.take_unfinished()]


def test_a_prompt_needs_no_end_of_its_line():
    assert found_in(b"SSH password: ") == ["SSH password:", b""]


@pytest.mark.parametrize(
    "at", range(1, len(b"BECOME password[defaults to SSH password]: \r\nok\n"))
)
def test_a_prompt_may_be_split_anywhere(at):
    text = b"BECOME password[defaults to SSH password]: \r\nok\n"
    assert found_in(text[:at], text[at:]) == ["BECOME password", b"ok", b""]


def test_several_prompts_may_come_at_once():
    text = (
        b"SSH password: \r\nBECOME password[defaults to SSH password]: \r\nVault password (prod): "
    )
    assert found_in(text) == ["SSH password:", "BECOME password", "Vault password (prod):", b""]


def test_a_prompt_may_stand_behind_another_in_its_line():
    assert found_in(b"SSH password: BECOME password: SSH password: ") == [
        "SSH password:", "BECOME password", "SSH password:", b"",
    ]  # fmt: skip


def test_within_a_line_it_is_no_prompt():
    line = b"type it at SSH password: now"
    assert found_in(line + b"\n") == [line, b""]


def test_spaces_may_stand_before_a_prompt():
    assert found_in(b"\r  SSH password:") == ["SSH password:", b""]


def test_lines_around_a_prompt_are_kept():
    text = b"hello\r\nSSH password: \r\nWelcome\r\nand more"
    assert found_in(text) == [b"hello", "SSH password:", b"Welcome", b"and more"]


def test_a_prompt_without_colon_ends_with_its_line():
    assert found_in(b"BECOME password\nhello: you\n") == ["BECOME password", b"hello: you", b""]


def test_of_two_beginnings_the_longer_one_counts():
    reader = PromptReader([b"Vault password", b"Vault password (prod):"])
    reader.feed(b"Vault password (prod): ")
    assert reader.next() == Prompt(b"Vault password (prod):")


def test_a_line_without_end_is_cut():
    assert found_in(b"x" * 5000, b"SSH password:\n") == [b"x" * 5000, b"SSH password:", b""]
