"""Quantities as people type them: what is read, what is refused, and what is never guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unwound.core.errors import UnitError
from unwound.core.quantities import convert, fits, parse, quantity


@pytest.mark.parametrize(
    ("text", "unit", "number"),
    [
        ("35 mg", "mg", 35.0),
        ("35mg", "mg", 35.0),
        (" 35  mg ", "mg", 35.0),
        ("0.035 g", "mg", 35.0),
        ("35000 ug", "mg", 35.0),
        ("35000 mcg", "mg", 35.0),
        ("35000 µg", "mg", 35.0),
        ("35000 μg", "mg", 35.0),  # Greek mu, not the micro sign
        ("1e-3 g", "mg", 1.0),
        ("+.5 mg/kg", "mg/kg", 0.5),
        ("1.2 ug/kg/min", "mg/kg/h", 0.072),
        ("22.2 mg/h/70kg", "mg/kg/h", 22.2 / 70),
        ("22.2 mg/h per 70 kg", "mg/kg/h", 22.2 / 70),
        ("20 mg per hour", "mg/h", 20.0),
        ("0.5 mg/lb", "mg/kg", 0.5 / 0.45359237),
        ("90 min", "h", 1.5),
        ("2 weeks", "h", 336.0),
        ("4 days", "h", 96.0),
        ("45 years", "y", 45.0),
        ("7 points", "points", 7.0),
        ("200 ng/mL", "mg/L", 0.2),
    ],
)
def test_a_quantity_is_read(text, unit, number):
    assert parse(text, unit) == pytest.approx(number, rel=1e-9)
    assert fits(text, unit)


@pytest.mark.parametrize("bare", [20, 20.0, "20", " 20 ", "1e3"])
def test_a_bare_number_is_refused_with_the_remedy(bare):
    with pytest.raises(UnitError, match=r'rate = .*without a unit.*rate = "20 mg/h"'):
        parse(bare, "mg/h", "rate")


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("0.35 mg/kg/h", "mg/h"),  # per kilogram is not plain
        ("20 mg/h", "mg/kg/h"),
        ("0.35 mg/kg/h", "1/h"),  # body weight does not cancel against the drug
        ("5 mL/h", "mg/h"),  # a pump rate without the strength of the syringe
        ("1 uM", "mg/L"),  # moles without the molar mass
        ("7 points", "1"),
    ],
)
def test_a_quantity_of_another_kind_is_refused(text, unit):
    with pytest.raises(UnitError, match="not of the kind"):
        parse(text, unit)
    assert not fits(text, unit)


@pytest.mark.parametrize(
    "text",
    [
        "mg",
        "",
        "twenty mg",
        "20 mgg",
        "20 mg mg^2",
        "1,5 mg",
        "nan mg",
        "inf mg",
        "1e999 mg",
        "20 mg; rm",
        "2 m**9",
        "0x10 mg",
    ],
)
def test_unreadable_text_is_refused_by_name_and_value(text):
    with pytest.raises(UnitError, match=r"^dose = "):
        parse(text, "mg", "dose")


@pytest.mark.parametrize("thing", [None, True, [20, "mg"], {"value": 20}])
def test_what_is_no_text_is_refused(thing):
    with pytest.raises(UnitError):
        parse(thing, "mg")


@given(st.floats(1e-6, 1e6), st.sampled_from([("mg", "g"), ("mg/h", "ug/min"), ("mg/kg/h", "ug/kg/min"), ("h", "min")]))
def test_the_same_quantity_in_two_units_is_the_same_number(size, units):
    unit, other = units
    written = f"{convert(size, unit, other)!r} {other}"
    assert parse(written, unit) == pytest.approx(size, rel=1e-12)


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_but_never_crashes(text):
    try:
        parse(text, "mg/h")
    except UnitError as error:
        assert error.problems[0].remedy  # noqa: PT017


def test_arithmetic_keeps_body_weight_apart():
    dose = quantity(0.5, "mg/kg") * quantity(70.0, "kg")
    assert float(dose.to("mg").magnitude) == pytest.approx(35.0)
