"""What a program may write, however awkward it is."""

AWKWARD = (
    b"first\n",
    b"\n\n \nafter empty lines\n",
    b"\xff\xfe is no UTF-8 \xc3\n",
    b"a\0b\n\0\n",
    b"x" * 1_000_000 + b"\n",
    b"10%\r50%\r100%\n",
    b"separators of other worlds: \x0b \x0c \xe2\x80\xa8\n",
    b"\x1b[31mred\x1b[0m\n",
    b"".join(b"%d\n" % number for number in range(20_000)),
    b"no line feed at the end",
)
OUTPUTS = {"something awkward": b"".join(AWKWARD), "nothing": b""}


def saying(text: bytes) -> str:
    """A program, in Python, that writes these bytes."""
    return f"sys.stdout.buffer.write({text!r})"
