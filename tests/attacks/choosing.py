"""`--only-lines A001,A016`: the tests of these attacks alone, on SQLite."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--only-lines", default="", help="ids of attacks, with commas: only their tests, on SQLite")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    wanted = {line for line in config.getoption("only_lines").split(",") if line}
    if wanted:
        items[:] = [item for item in items if _lines(item) & wanted and "postgres" not in item.nodeid]


def _lines(item: pytest.Item) -> set[str]:
    return {mark.args[0] for mark in item.iter_markers("attack")}
