"""Mistakes put into the code on purpose, one line each: the suite must notice every one, by a line that is named.

`mutants.toml` lists them; `trying.py` puts each into a copy of the project and runs the tests of its line there;
`python -m tests.mutants` prints the table, `test_mutants.py` runs the same in the suite. A mutant that nobody notices
is a rule that nobody checks: then a test is missing, or the code is.
"""
