"""A pytest plugin: modules and tests stay to the end, so none of them is looked at as garbage.

There are a million objects of them, and to walk through these again and again takes a fifth of the
time that the tests take.
"""

import gc

import pytest

gc.disable()


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop() -> None:
    """All is collected; the process above the others, which collects nothing, comes here too."""
    gc.collect()
    gc.freeze()
    gc.enable()
