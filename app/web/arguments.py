"""Numbers in the query of an address, which anybody can write."""

from flask import request

MAX = 2**63 - 1  # the largest number that a database takes


def number(name: str) -> int | None:
    """The number from 0 that the address gives under this name; None for anything else."""
    value = request.args.get(name, type=int)
    return value if value is not None and 0 <= value <= MAX else None
