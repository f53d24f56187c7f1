"""How long what a program is started with may be: Linux takes 128 KB in a string, 2 MB in all."""

import os

LONGEST = 32 * os.sysconf("SC_PAGE_SIZE")  # bytes of an argument or of NAME=value, its end counted
SHOWN = f"{LONGEST >> 10} KB"
BEFORE = 64  # bytes left for what a tool puts before the name of a variable: TF_VAR_
TOGETHER = 3 << 19  # bytes of all answers; half a megabyte is left for the rest
TOGETHER_SHOWN = "1.5 MB"


def size(name: str, value: str) -> int:
    """The bytes of a variable in an environment, or as an argument."""
    return len(name.encode()) + len(value.encode(errors="surrogatepass")) + len("=\0")


def is_too_long(name: str, value: str) -> bool:
    """Whether no process can be given this variable."""
    return size(name, value) > LONGEST
