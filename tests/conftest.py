"""What every test may ask for: the two databases, a place to note what was measured, and the time each part took."""

import os

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.engines", "tests.figures", "tests.times", "tests.attacks.choosing"]

# A busy machine must not make an example fail: time is measured where it is promised, in `tests/bench`.
# CI answers for a change, so it tries the same examples each time; new ones are looked for wherever people work.
settings.register_profile(
    "whatever-the-machine",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=os.environ.get("CI") == "true",
)
settings.load_profile("whatever-the-machine")
