"""The texts by which a secret appears in output: as it is, quoted, escaped and encoded."""

import base64
import json
import re
from collections.abc import Callable, Iterator
from urllib.parse import quote, quote_plus

SHORTEST = 4  # characters: a shorter value is found in every second word
# Characters of a secret that is looked for in all its forms: each costs memory and time before a
# run says its first line, so that a long one would take seconds and hundreds of megabytes.
ALL_FORMS = 8192
_UNRESERVED_IN_SCRIPTS = "!'()*"  # what JavaScript's encodeURIComponent leaves as it is
_WRAPS = (64, 76)  # columns at which openssl and base64 break their lines
_NAMED = {7: "a", 8: "b", 9: "t", 10: "n", 11: "v", 12: "f", 13: "r", 27: "E"}  # in $'…'


def of(secret: str) -> Iterator[bytes]:
    """Every text by which `secret` may appear in output; no form is shorter than a secret may be.

    Line breaks around it are not part of it: masking one would join two lines of output. One of
    more than ALL_FORMS characters is found as it is, in JSON, percent-encoded and in base64.
    """
    secret = secret.strip("\r\n")
    if len(secret) < SHORTEST:
        return
    lines = [line.strip() for line in secret.splitlines() if line.strip()]
    is_whole = len(lines) < 2 or min(map(len, lines)) < SHORTEST
    write = _written if len(secret) <= ALL_FORMS else _as_it_is_and_in_json
    for part in (secret, *lines):
        if len(part) >= SHORTEST:
            found = (one for one in write(part) if is_whole or "\n" not in one)
            yield from (one.encode() for one in found)
    yield from (one.encode() for one in _percent_encoded(secret))
    yield from _base64(secret.encode())


def _written(secret: str) -> Iterator[str]:
    """As shells, languages and JSON write it, and that as JSON writes it once more: a playbook
    shows what its commands have said as JSON."""
    for write in (str, *_QUOTED):
        yield from _as_it_is_and_in_json(write(secret))


def _as_it_is_and_in_json(text: str) -> Iterator[str]:
    yield text
    yield from (encode(text) for encode in _JSON)


def _in_single(secret: str) -> str:
    return secret.replace("'", "'\\''")  # bash -x, ${x@Q}


def _in_both(secret: str) -> str:
    return secret.replace("'", "'\"'\"'")  # Python's shlex.quote, Ansible's quote


def _in_both_of_dash(secret: str) -> str:
    """Several at once, and nothing is opened behind the last."""
    return re.sub("('+)", r"""'"\1"'""", secret).removesuffix("'")


def _in_double(secret: str) -> str:
    return re.sub(r'(["$`\\])', r"\\\1", secret)  # declare -p


def _backslashed(secret: str) -> str:
    """What printf %q writes. A `#` or `~` at its beginning stays: only there it says nothing."""
    escaped = re.sub(r"([\s!\"$&'()*,;<>?\[\\\]^`{|}])", r"\\\1", secret)
    return re.sub("(?<=[:=])~", r"\\~", escaped)


def _ansi(secret: str) -> str:
    """What bash writes as $'…' where there are line breaks or other controls."""
    return "".join(map(_ansi_character, secret))


def _ansi_of_bytes(secret: str) -> str:
    """The same where its language is C."""
    octal = (f"\\{byte:03o}" if byte > 126 else _ansi_character(chr(byte))
             for byte in secret.encode())  # fmt: skip
    return "".join(octal)


def _ansi_character(character: str) -> str:
    code = ord(character)
    if code in _NAMED:
        return f"\\{_NAMED[code]}"
    if code < 32 or code == 127:
        return f"\\{code:03o}"
    return f"\\{character}" if character in "\\'" else character


def _repr(secret: str) -> str:
    return repr(secret + '"')[1:-2]  # a " with a ' beside it has the ' escaped


def _bare(written: Callable[[str], str]) -> Callable[[str], str]:
    """The same between " instead of '."""
    return lambda secret: written(secret).replace("\\'", "'")


def _ascii(secret: str) -> str:
    return ascii(secret + '"')[1:-2]


def _repr_of_bytes(secret: str) -> str:
    return repr(secret.encode() + b'"')[2:-2]


def _in_yaml(secret: str) -> str:
    return secret.replace("'", "''")


def _in_hcl(secret: str) -> str:
    """A string of Terraform's language."""
    return json.dumps(secret, ensure_ascii=False)[1:-1].replace("${", "$${").replace("%{", "%%{")


def _json(secret: str) -> str:
    return json.dumps(secret, ensure_ascii=False)[1:-1]


def _json_ascii(secret: str) -> str:
    return json.dumps(secret)[1:-1]


def _json_of_go(secret: str) -> str:
    """As Go's encoder writes it, Terraform's too."""
    return re.sub("[<>&]", lambda found: f"\\u{ord(found[0]):04x}", _json(secret))


def _json_with_slashes(secret: str) -> str:
    return _json_ascii(secret).replace("/", "\\/")


_JSON = (_json, _json_ascii, _json_of_go, _json_with_slashes)
_QUOTED = (
    _in_single, _in_both, _in_both_of_dash, _in_double, _backslashed, _ansi, _ansi_of_bytes,
    _repr, _bare(_repr), _ascii, _bare(_ascii), _repr_of_bytes, _bare(_repr_of_bytes), _in_yaml,
    _in_hcl, *_JSON,
)  # fmt: skip


def _percent_encoded(secret: str) -> Iterator[str]:
    for encoded in (
        quote(secret),
        quote(secret, safe=""),
        quote(secret, safe=_UNRESERVED_IN_SCRIPTS),
        quote_plus(secret),
    ):
        yield encoded
        yield re.sub("%..", lambda code: code[0].lower(), encoded)


def _base64(secret: bytes) -> Iterator[bytes]:
    """The characters that depend on the secret alone, for each of the three places modulo three."""
    whole = base64.b64encode(secret)
    pieces = [whole]
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + secret)
        pieces.append(encoded[(before * 8 + 5) // 6 : (before + len(secret)) * 8 // 6])
    for width in _WRAPS:
        lines = [whole[at : at + width] for at in range(0, len(whole), width)]
        pieces += [line for line in lines if len(line) >= 2 * SHORTEST]
    for piece in pieces:
        yield piece
        yield piece.translate(bytes.maketrans(b"+/", b"-_"))
