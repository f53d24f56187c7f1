import base64
import json
from itertools import pairwise
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.lib.redact import Redactor

SECRET = "p@ss w/ö\"rd'+1"
KEY = "-----BEGIN KEY-----\nabcdefghijklmnop\nqrst==\n-----END KEY-----\n"


def run(secrets: list[str], *pieces: bytes) -> bytes:
    redactor = Redactor(secrets)
    return b"".join([redactor.feed(piece) for piece in pieces] + [redactor.flush()])


def cut(text: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(text) + 1) for place in places), len(text)]
    return [text[a:b] for a, b in pairwise(edges)]


def naive(secrets: list[str], text: bytes) -> bytes:
    """Mark every byte of every occurrence; what overlaps is one mask."""
    out, spans = bytearray(), []
    for secret in {s.encode() for s in secrets if len(s) >= 4}:
        spans += [(i, i + len(secret)) for i in range(len(text)) if text.startswith(secret, i)]
    covered = 0
    for start, end in sorted(spans):
        if start >= covered:
            out += text[covered:start] + b"***"
        covered = max(covered, end)
    return bytes(out + text[covered:])


def test_without_secrets_the_bytes_are_passed_on_untouched():
    data = b"password\x00\xff\n"
    assert Redactor([]).feed(data) is data
    assert Redactor(["abc", "", "\n\n"]).feed(data) is data


def test_a_secret_is_masked_wherever_it_is_cut():
    text = b"user=x token=hunter22 done\n"
    for at in range(len(text)):
        assert run(["hunter22"], text[:at], text[at:]) == b"user=x token=*** done\n"
    assert run(["hunter22"], *(bytes([byte]) for byte in text)) == b"user=x token=*** done\n"


def test_what_cannot_begin_a_secret_is_not_kept_back():
    redactor = Redactor(["hunter22"])
    assert redactor.feed(b"progress 10%") == b"progress 10%"
    assert redactor.feed(b" hunt") == b" "
    assert redactor.feed(b"ing\n") == b"hunting\n"


def test_a_secret_of_three_characters_is_left_alone():
    assert run(["abc", "abcd"], b"abc abcd\n") == b"abc ***\n"


@pytest.mark.parametrize("before", [b"", b"x", b"xy", b"xyz"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_base64_of_it_is_masked_at_each_place(before, encode):
    secret = "a long enough secret?>~"
    encoded = encode(before + secret.encode() + b" and more")
    first, end = -(-len(before) * 8 // 6), (len(before) + len(secret)) * 8 // 6
    assert run([secret], encoded) == encoded[:first] + b"***" + encoded[end:]


def test_base64_in_lines_is_masked():
    secret = "0123456789abcdef" * 20
    lines = base64.encodebytes(secret.encode())
    assert run([secret], lines) == b"***\n" * (len(lines) // 77) + b"***\n"


@pytest.mark.parametrize(
    "form",
    [
        quote(SECRET),
        quote(SECRET, safe=""),
        quote(SECRET, safe="").lower(),
        quote(SECRET, safe="'"),
        quote_plus(SECRET),
        json.dumps(SECRET)[1:-1],
        json.dumps(SECRET, ensure_ascii=False)[1:-1],
        SECRET,
    ],
)
def test_its_usual_escapes_are_masked(form):
    assert run([SECRET], b"x=" + form.encode() + b"&y\n") == b"x=***&y\n"


def test_each_line_of_a_key_is_masked_and_lines_stay_lines():
    indented = "".join(f"    {line}\r\n" for line in KEY.splitlines())
    assert run([KEY], indented.encode()) == b"    ***\r\n" * 4
    assert run([KEY], json.dumps({"k": KEY}).encode()) == b'{"k": "***\\n"}'


def test_a_secret_of_short_lines_is_masked_as_a_whole():
    assert run(["ab\ncd\nefgh\n"], b"1 ab\ncd\nefgh\n2 efgh\n") == b"1 ***\n2 ***\n"


def test_a_secret_that_ends_in_a_line_break_does_not_join_lines():
    assert run(["token1\n"], b"token1\nnext\n") == b"***\nnext\n"


def test_overlapping_secrets_leave_no_rest():
    assert run(["user:pass", "pass@host"], b"user:pass@host/") == b"***/"
    assert run(["abcd", "abcdef"], b"abcd", b"ef abcd") == b"*** ***"


def test_text_of_ours_does_not_disturb_the_stream():
    redactor = Redactor(["hunter22"])
    assert redactor.feed(b"a hunt") == b"a "
    assert redactor.mask(b"our hunter22, our hunt") == b"our ***, our hunt"
    assert redactor.feed(b"er22 b") == b"*** b"


def test_a_secret_may_become_known_later():
    redactor = Redactor()
    assert redactor.feed(b"hunter22 hun") == b"hunter22 hun"
    redactor.add(["hunter22"])
    assert redactor.feed(b"hunter22 hunt") == b"*** "
    redactor.add(["another1"])
    assert redactor.feed(b"er22 another1") == b"*** ***"


def test_hundreds_of_long_keys_are_found():
    keys = [base64.b64encode(bytes([i % 256, i // 256]) * 900).decode() for i in range(300)]
    assert run(keys, b"<" + keys[250].encode() + b">") == b"<***>"


small = st.text(st.sampled_from("ab\n"), max_size=40)


@settings(deadline=None)
@given(
    st.lists(st.text(st.sampled_from("ab"), min_size=1, max_size=9), max_size=4),
    small,
    st.lists(st.integers(0, 40), max_size=8),
)
def test_any_cut_gives_what_the_whole_text_gives(secrets, text, places):
    raw = text.encode()
    assert run(secrets, *cut(raw, places)) == run(secrets, raw) == naive(secrets, raw)


@settings(deadline=None)
@given(st.lists(st.binary(max_size=20), max_size=10))
def test_bytes_that_are_no_text_survive(pieces):
    assert run(["hunter22", "ünïcode"], *pieces) == b"".join(pieces)
