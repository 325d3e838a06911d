"""Doses and trains of the studies of summation in people, typed a second time."""

import pytest

from unwound.evidence import value

PRINTED = {
    "guirimand2000": {"dose": 0.15, "stimuli": 15, "frequency": 1.0},
    "hughes2002": {"dose": 0.375},
    "gravennielsen2000": {"dose": 0.3, "lasts": 30, "stimuli": 5, "frequency": 2.0},
    "eide1994": {"dose": 0.15, "lasts": 10},
    "nikolajsen1996": {"dose": 0.1, "lasts": 5},
    "klein2007": {"dose": 0.25},
    "staud2007": {"silent": 0.17, "summing": 0.33},
}
UNITS = {"dose": "mg/kg", "lasts": "min", "stimuli": "1", "frequency": "1/s", "silent": "1/s", "summing": "1/s"}


@pytest.mark.parametrize("study", PRINTED)
def test_doses_and_trains_are_those_printed(study):
    for name, printed in PRINTED[study].items():
        assert value(f"{study}.{name}", UNITS[name]) == pytest.approx(printed)


def test_infusions_per_minute_are_kept_per_hour():
    assert value("nikolajsen1996.infusion", "mg/kg/h") * 1000.0 / 60.0 == pytest.approx(7.0)
    assert value("arendtnielsen1995.infusion", "mg/kg/h") * 1000.0 / 60.0 == pytest.approx(9.0)
