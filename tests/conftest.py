"""What every shelf of tests shares: its folders can import their registers, and no law is hurried by a clock.

Compiled programs are kept in the user's cache folder (`UNWOUND_CACHE`), as in everyday use, so a second run is fast.
"""

import gc
import itertools
import os
import pathlib
import sys

from hypothesis import HealthCheck, settings

sys.path.insert(0, str(pathlib.Path(__file__).parent))  # `from laws.register import ...`
os.environ.setdefault("EQX_ON_ERROR", "nan")  # before anything imports equinox: else nothing is cached

# compiling takes a second once, which is not a slow example
settings.register_profile("unwound", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unwound")

MOST_MAPS = 20_000
"""Memory maps of one process; Linux allows 65,530, and each compiled program takes some for as long as it lives."""
_LOOK_EVERY = 25  # tests
_tests = itertools.count(1)


def pytest_runtest_teardown() -> None:
    """Forget compiled programs before a long run has so many that the next one aborts the process."""
    maps = pathlib.Path("/proc/self/maps")
    if next(_tests) % _LOOK_EVERY or "jax" not in sys.modules or not maps.exists():
        return
    if maps.read_bytes().count(b"\n") > MOST_MAPS:
        sys.modules["jax"].clear_caches()
        gc.collect()
