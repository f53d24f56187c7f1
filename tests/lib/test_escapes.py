import pytest

from app.lib.escapes import without_escapes


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        (b"no escapes \xff\x00", b"no escapes \xff\x00"),
        (b"\x1b[1;31mred\x1b[0m and \x1b[38;5;9mred\x1b[m", b"red and red"),
        (b"\x1b[2K\x1b[1A\x1b[?25lmoved", b"moved"),
        (b"\x1b]0;title\x07shown", b"shown"),
        (b"\x1b]8;;http://x/\x1b\\link\x1b]8;;\x1b\\!", b"link!"),
        (b"\x1b]0;never ended\nnext line", b"\nnext line"),
        (b"\x1b(Bsets\x1b=and\x1b7keys\x1bMx", b"setsandkeysx"),
        (b"\x1bPq#0\x1b\\sixel", b"sixel"),
        (b"cut \x1b[31\nline", b"cut \nline"),
        (b"alone \x1b", b"alone "),
    ],
)
def test_it_takes_out_what_a_terminal_would_not_show(raw, plain):
    assert without_escapes(raw) == plain
