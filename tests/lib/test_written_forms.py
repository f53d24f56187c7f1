import json
import os
import shlex
import subprocess

import pytest

from app.lib import written_forms
from app.lib.redact import Redactor

SECRETS = [
    "it's a $ecret pass",
    "p@ss word\\x!",
    'say "it\'s" ~#/*?',
    "two\nlines' end",
    "tab\there\x1b[0m",
    "žluťoučký 'kůň'",
    "a=~b:~c{d,e}^%|&<>;()`",
    "''quoted''",
]
SAYS_IT = {
    "set -x": 'set -x; : "$S"',
    "set -x of a variable": 'set -x; v="$S"',
    "set -x of a longer word": 'set -x; : "token=$S."',
    "printf %q": "printf '%q\\n' \"$S\"",
    "@Q": 'echo "${S@Q}"',
    "declare": "declare -p S",
}


def said(command: list[str], secret: str, language: str) -> bytes:
    env = {"S": secret, "PATH": os.environ["PATH"], "LC_ALL": language}
    run = subprocess.run(command, env=env, capture_output=True, check=True)
    return run.stdout + run.stderr


def bare(secret: str, text: bytes) -> bytes:
    redactor = Redactor([secret])
    return redactor.feed(text) + redactor.flush()


def assert_masked(secret: str, text: bytes) -> None:
    """The longest run of letters of the secret is gone with it, not only a mark added."""
    masked = bare(secret, text)
    assert b"***" in masked
    word = max(secret.replace("'", " ").split(), key=len).encode()
    assert word not in masked


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("language", ["C", "C.UTF-8"])
@pytest.mark.parametrize("script", SAYS_IT.values(), ids=SAYS_IT)
def test_what_bash_quotes_is_masked(script, language, secret):
    assert_masked(secret, said(["bash", "-c", script], secret, language))


@pytest.mark.parametrize("secret", SECRETS)
def test_what_dash_exports_is_masked(secret):
    assert_masked(secret, said(["sh", "-c", "export -p | grep -A1 ' S='"], secret, "C.UTF-8"))


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(
    "write",
    [repr, ascii, lambda text: repr(text.encode()), lambda text: repr([text, "'\""]),
     lambda text: repr(f"{text}'\""), shlex.quote, json.dumps,
     lambda text: json.dumps(text, ensure_ascii=False), lambda text: json.dumps(json.dumps(text)),
     lambda text: json.dumps(shlex.quote(text)), lambda text: json.dumps(repr(text))],
    ids=["repr", "ascii", "bytes", "in a list", "in a text", "shlex", "json", "json in UTF-8",
         "json in json", "shlex in json", "repr in json"],
)  # fmt: skip
def test_what_python_and_playbooks_write_is_masked(write, secret):
    assert_masked(secret, write(secret).encode())


def test_what_go_and_php_write_is_masked():
    assert bare("a<b&c>d", b'"a\\u003cb\\u0026c\\u003ed"') == b'"***"'
    assert bare("https://x/y", b'"https:\\/\\/x\\/y"') == b'"***"'


def test_what_terraform_and_yaml_write_is_masked():
    assert bare('${var} "x"', b'"$${var} \\"x\\""') == b'"***"'
    assert bare("it's it", b"'it''s it'") == b"'***'"


def test_a_quoted_line_of_a_key_is_masked_alone_and_lines_stay_lines():
    key = "first line's\nsecond 'line'\n"
    assert bare(key, b"+ : 'first line'\\''s'\n+ : x\n") == b"+ : '***'\n+ : x\n"
    assert bare(key, b"'first line'\\''s\nsecond '\\''line'\\'''\n") == b"'***\n***'\n"


def of_go(text: str) -> str:
    return json.dumps(text).replace("<", "\\u003c").replace(">", "\\u003e")


def test_a_long_secret_is_looked_for_in_few_forms():
    lines = [f'it\'s "${place}" of <many>' for place in range(written_forms.ALL_FORMS // 20)]
    secret = "\n".join(lines)
    assert len(secret) > written_forms.ALL_FORMS
    assert len(set(written_forms.of(secret))) < 5 * len(lines)
    short = "\n".join(lines[:100])
    for write in (str, json.dumps, of_go):
        assert b"many" not in bare(secret, write(secret).encode())
        assert b"many" not in bare(short, write(short).encode())
    assert b"many" in bare(secret, shlex.quote(lines[7]).encode())
    assert b"many" not in bare(short, shlex.quote(lines[7]).encode())
