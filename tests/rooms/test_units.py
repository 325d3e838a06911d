"""Unit labels: their grammar, and records written in other units."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unwound.core.arrays import Record, Scalar
from unwound.core.units import UnknownUnit, exponents, factor, rescale, unit, units_of


@pytest.mark.parametrize(
    ("label", "powers"),
    [
        ("mg", {"mass": 1}),
        ("mg/L/h", {"mass": 1, "volume": -1, "time": -1}),
        ("mg/kg/h", {"mass": 1, "body": -1, "time": -1}),
        ("L/h", {"volume": 1, "time": -1}),
        ("h^2/L", {"time": 2, "volume": -1}),
        ("uM", {"amount": 1, "volume": -1}),
        ("uM/d", {"amount": 1, "volume": -1, "time": -1}),
        ("mg/umol", {"mass": 1, "amount": -1}),
        ("uM*L", {"amount": 1}),
        ("1/h", {"time": -1}),
        ("mg/mg", {}),
        ("1", {}),
        ("%", {}),
        ("covariance", {}),
        ("mV", {"voltage": 1}),
        ("points", {"score": 1}),
    ],
)
def test_a_label_says_its_powers(label, powers):
    assert exponents(label) == powers


@pytest.mark.parametrize("label", ["mgg", "mg//h", "mg/", "", "mg h", "mg^x", "2 mg", "mg/3h", "MG", "kg/lb"])
def test_an_unknown_label_is_refused(label):
    with pytest.raises(UnknownUnit, match="unit"):
        exponents(label)


@pytest.mark.parametrize(
    ("label", "to", "times"),
    [
        ("g", "mg", 1e3),
        ("mg/L", "ng/mL", 1e3),
        ("ug/mL", "mg/L", 1.0),
        ("d", "h", 24.0),
        ("1/d", "1/h", 1 / 24),
        ("ug/kg/min", "mg/kg/h", 0.06),
        ("nM", "uM", 1e-3),
        ("uM", "nmol/mL", 1.0),
        ("%", "1", 0.01),
        ("y", "d", 365.25),
        ("week", "d", 7.0),
        ("ms", "s", 1e-3),
    ],
)
def test_factors_between_labels_of_one_kind(label, to, times):
    assert factor(label, to) == pytest.approx(times, rel=1e-12)
    assert factor(to, label) == pytest.approx(1 / times, rel=1e-12)


@pytest.mark.parametrize(
    ("label", "to"), [("mg/kg/h", "mg/h"), ("uM", "mg/L"), ("1/h", "h"), ("mg", "kg"), ("points", "1")]
)
def test_labels_of_different_kinds_are_not_converted(label, to):
    with pytest.raises(UnknownUnit, match="not of the kind"):
        factor(label, to)


class Cup(Record):
    content: Scalar = unit("mg")
    leak: Scalar = unit("L/h")
    name: str = "cup"


def test_a_record_knows_its_units_and_only_those():
    assert units_of(Cup) == {"content": "mg", "leak": "L/h"}
    assert units_of(Cup(1.0, 2.0)) == units_of(Cup)


def test_an_unknown_unit_fails_when_the_record_is_defined():
    with pytest.raises(UnknownUnit):
        unit("mgh")


@given(st.floats(0.01, 100), st.floats(0.01, 100), st.floats(0.01, 100))
def test_writing_a_record_in_other_units_and_back_changes_nothing(mass, volume, time):
    cup = Cup(3.0, 7.0)
    there = rescale(cup, {"mass": mass, "volume": volume, "time": time})
    assert there.content == pytest.approx(3.0 * mass)
    assert there.leak == pytest.approx(7.0 * volume / time)
    back = rescale(there, {"mass": 1 / mass, "volume": 1 / volume, "time": 1 / time})
    assert (back.content, back.leak, back.name) == (pytest.approx(3.0), pytest.approx(7.0), "cup")


def test_hours_become_minutes():
    assert rescale(Cup(1.0, 60.0), {"time": 60.0}).leak == pytest.approx(1.0)
