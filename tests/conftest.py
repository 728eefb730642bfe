"""What every test may ask for: the two databases, a place to note what was measured, and the time each part took."""

pytest_plugins = ["tests.engines", "tests.figures", "tests.times"]
