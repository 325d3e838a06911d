"""What every shelf of tests shares: its folders can import their registers, and no law is hurried by a clock.

Compiled programs are kept in the user's cache folder (`UNWOUND_CACHE`), as in everyday use, so a second run is fast.
"""

import os
import pathlib
import sys

from hypothesis import HealthCheck, settings

sys.path.insert(0, str(pathlib.Path(__file__).parent))  # `from laws.register import ...`
os.environ.setdefault("EQX_ON_ERROR", "nan")  # before anything imports equinox: else nothing is cached

# compiling takes a second once, which is not a slow example
settings.register_profile("unwound", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unwound")
