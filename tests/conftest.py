"""What every test may ask for: the two databases, and a place to note what was measured."""

pytest_plugins = ["tests.engines", "tests.figures"]
