"""What every test may ask for: the two databases, a place to note what was measured, and the time each part took."""

from hypothesis import settings

pytest_plugins = ["tests.engines", "tests.figures", "tests.times"]

# A busy machine must not make an example fail: time is measured where it is promised, in `tests/bench`.
settings.register_profile("whatever-the-machine", deadline=None)
settings.load_profile("whatever-the-machine")
