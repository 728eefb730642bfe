"""Inputs by the hundred thousand, thrown at everything that reads what others send.

Each is made from real ones (`corpus.py`) by mutations that are chosen by a seed (`mutating.py`); `parsers.py` names the
readers with the errors that they may raise, `running.py` holds each of them to it, and to its time.
`python -m tests.fuzz --seconds 60` prints the table; `tests/torture/test_fuzz.py` runs the same in the suite.
"""
