"""Kill one process of the whole product while tasks run and wait, and see from outside what came
of them: each script writes its own truth to a file of its own, which the server never reads.

`python -m tests.chaos --help` runs many rounds; `test_rounds.py` runs a few.
"""
