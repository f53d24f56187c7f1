import pytest

from app.lib.ansible_text import AnsibleText, HostSums, Part


def read(*lines: str) -> list[Part | HostSums]:
    text = AnsibleText()
    return [found for line in lines if (found := text.line(line))]


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("PLAY [all] ****************", Part("play", "all")),
        ("TASK [base : say [hello]] ***", Part("task", "base : say [hello]")),
        ("RUNNING HANDLER [restart] *****", Part("handler", "restart")),
        ("PLAY RECAP ********", Part("recap", "Play recap")),
        ("\x1b[1mPLAY [coloured] *****\x1b[0m", Part("play", "coloured")),
    ],
)
def test_banners_begin_parts(line: str, part: Part) -> None:
    assert read(line) == [part]


@pytest.mark.parametrize("line", ["ok: [a]", "PLAY [all]", "a TASK [x] ****", "*********"])
def test_other_lines_say_nothing(line: str) -> None:
    assert read(line) == []


def test_after_the_recap_each_line_is_a_host() -> None:
    found = read(
        "a : ok=1 changed=0 failed=0",  # somebody prints this before
        "PLAY RECAP *****",
        "\x1b[0;31mweb-1\x1b[0m : \x1b[0;32mok=3   \x1b[0m changed=1 unreachable=0 failed=2 odd=9",
        "",
    )
    sums = {"ok": 3, "changed": 1, "unreachable": 0, "failed": 2}
    assert found == [Part("recap", "Play recap"), HostSums("web-1", sums)]


def test_another_play_ends_the_recap() -> None:
    found = read("PLAY RECAP ****", "PLAY [again] ****", "a : ok=1")
    assert found == [Part("recap", "Play recap"), Part("play", "again")]
