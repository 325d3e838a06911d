"""One dose in one line: three forms, and one clear error for everything else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unwound.core.errors import InputError
from unwound.regimen import Bolus, Infusion, Regimen, check_limits
from unwound.regimen.short import parse_short_dose, spoken_drug


def read(text, route="intravenous"):
    return parse_short_dose(text, "ketamine", "S", route)


def test_the_three_forms():
    push, whole, rate = read("35 mg"), read(" 0.5 mg/kg over 40 min "), read("20 mg/h for 100 h")
    assert isinstance(push, Bolus)
    assert (push.amount.text, push.route) == ("35 mg", "intravenous")
    assert isinstance(whole, Infusion)
    assert (whole.amount.value, whole.amount.unit, whole.hours) == (0.5, "mg/kg", pytest.approx(2 / 3))
    assert isinstance(rate, Infusion)
    assert (rate.rate.value, rate.hours) == (20.0, 100.0)
    assert read("84 mg", "nasal").route == "nasal"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no dose to be read"),
        ("35", "a number without a unit"),
        ("35 mL", "strength of the ampoule"),
        ("20 mL/h for 4 h", "strength of the syringe"),
        ("20 mg/h", 'write "20 mg/h for DURATION"'),
        ("20 mg/h over 4 h", 'write "20 mg/h for 4 h"'),
        ("35 mg for 4 h", 'write "35 mg over 4 h"'),
        ("35 mg over 40", "'40': a number without a unit"),
        ("35 mg over 4 h for 2 h", "unknown unit"),
        ("35 mg over", "write"),
        ("over 4 h", "write"),
        ("0,5 mg/kg over 40 min", "decimal comma"),
        ("-3 mg", "must be 0 or more"),
        ("20 mg/h for 0 h", "must be 1 s or more"),
        ("1e400 mg", "finite"),
        ("20 mg/h for 4 h daily", "unknown unit"),
        ("x" * 500, "not a short dose"),
    ],
)
def test_anything_else_is_one_clear_error(text, says):
    with pytest.raises(InputError) as failure:
        read(text)
    assert len(failure.value.problems) == 1
    assert failure.value.problems[0].field == "dose"
    assert says in str(failure.value)


def test_only_a_pump_lasts():
    with pytest.raises(InputError, match="needs a pump, and the route is nasal"):
        read("84 mg over 10 min", "nasal")
    assert read("10 mg/h for 4 h", "subcutaneous").hours == 4.0
    with pytest.raises(InputError, match="no such route; did you mean 'nasal'"):
        read("84 mg over 10 min", "nosal")


def test_limits_and_slips_see_the_text_as_it_was_typed():
    with pytest.raises(InputError, match=r'did you mean rate = "20 ug/kg/h" or rate = "20 mg/h"'):
        check_limits(Regimen(doses=[read("20 mg/kg/h for 4 h")]), 70.0, 40.0)


@pytest.mark.parametrize(
    ("name", "enantiomer"),
    [("esketamine", "S"), ("S-Ketamine", "S"), ("arketamine", "R"), ("racemic  ketamine", "racemic")],
)
def test_names_people_use(name, enantiomer):
    assert spoken_drug(name) == ("ketamine", enantiomer)


@pytest.mark.parametrize("name", ["ketamine", "", "aspirin", "ketamine hcl"])
def test_a_name_that_does_not_say_the_enantiomer_is_refused(name):
    with pytest.raises(InputError, match=r"S-ketamine"):
        spoken_drug(name)


@given(st.text(max_size=60) | st.from_regex(r"[0-9.,e+-]{0,6} ?(mg|ug|kg|/|h|min| over | for |%){0,6}", fullmatch=True))
def test_any_text_is_a_dose_or_an_input_error(text):
    try:
        assert read(text).main.value >= 0
    except InputError as error:
        (_,) = error.problems
