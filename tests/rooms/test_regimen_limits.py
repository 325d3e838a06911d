"""The safety contract: what loads, what loads with a warning, what is refused, and the likelier reading."""

import pytest

from unwound.core.errors import UnsafeDose
from unwound.regimen import Bolus, Infusion, Regimen, Titration, check_limits

RACEMIC = {"drug": "ketamine", "enantiomer": "racemic"}
S = {"drug": "ketamine", "enantiomer": "S"}


def check(*doses, setting="ward", weight=70.0, age=45.0):
    return check_limits(Regimen(doses=doses, setting=setting), weight, age)


def refused(*doses, words=(), **person):
    with pytest.raises(UnsafeDose) as caught:
        check(*doses, **person)
    for word in words:
        assert word in str(caught.value)
    return caught.value


def infusion(rate, duration="4 h", **other):
    return Infusion(**{**RACEMIC, "rate": rate, "duration": duration, **other})


def test_an_ordinary_infusion_loads_silently():
    assert check(infusion("0.3 mg/kg/h").weekdays(10)) == []


def test_half_a_milligram_per_kilogram_over_forty_minutes_loads():
    dose = Infusion(**RACEMIC, amount="0.5 mg/kg", duration="40 min")
    assert check(dose, setting="monitored") == []
    (warning,) = check(dose)
    assert warning.quantity == "rate"
    assert "soft limit of 0.35 mg/kg/h" in warning.rule
    assert check(Infusion(**S, amount="0.5 mg/kg", duration="30 min"), setting="monitored")


def test_a_warning_keeps_its_limit_and_its_source():
    (warning,) = check(infusion("0.5 mg/kg/h"))
    assert warning.field == "doses[0].rate"
    assert warning.value == "0.5 mg/kg/h"
    assert warning.share == pytest.approx(0.5 / 0.35)
    assert warning.as_dict()["basis"] == "guideline"
    assert "acute_pain_guideline2018" in warning.as_dict()["cite"]


@pytest.mark.parametrize(
    ("dose", "reading"),
    [
        (infusion("0.3 mg/kg/min"), 'rate = "0.3 mg/kg/h"'),  # 60: per minute for per hour
        (infusion("20 mg/min"), 'rate = "20 mg/h"'),
        (infusion("300 mg/kg/h"), 'rate = "300 ug/kg/h"'),  # 1000: mg for ug
        (infusion("20 g/h"), 'rate = "20 mg/h"'),  # 1000: g for mg
        (infusion("20 mg/kg/h"), 'rate = "20 mg/h"'),  # 70: per kg for per person
        (infusion("3 mg/kg/h"), 'rate = "0.3 mg/kg/h"'),  # 10: a decimal place
        (infusion("0.5 mg/lb/h"), 'rate = "0.5 mg/kg/h"'),  # 2.2: pounds
        (infusion("0.7 mg/kg/h", enantiomer="S"), 'enantiomer = "racemic"'),  # 2: racemate for S
        (infusion("1.1 mg/kg/h"), 'form = "hydrochloride"'),  # 1.15: hydrochloride for base
        (infusion("200 mg/h"), 'rate = "20 mg/h"'),
        (Bolus(**RACEMIC, amount="20 mg/kg"), 'amount = "20 ug/kg"'),
        (Bolus(**RACEMIC, amount="2.5 mg/kg"), 'amount = "0.25 mg/kg"'),
        (Bolus(**RACEMIC, amount="15 g"), 'amount = "15 mg"'),
        (Infusion(**RACEMIC, amount="80 mg", duration="4 min"), 'duration = "4 h"'),
        (Infusion(**RACEMIC, amount="0.5 mg/kg", duration="40 s"), 'duration = "40 min"'),
        (
            Titration(
                **S,
                start_rate="1 mg/min",
                step="1 mg/min",
                ceiling="10 mg/min",
                every="2 h",
                duration="20 h",
            ),
            'ceiling = "10 mg/h"',
        ),
    ],
)
def test_a_slip_is_refused_with_the_likelier_reading(dose, reading):
    error = refused(dose, words=["hard limit", "did you mean", reading])
    assert error.problems[0].field.startswith("doses[0].")


@pytest.mark.parametrize(
    ("weight", "age", "words"),
    [
        (70_000, 45, ["patient.weight", "between 2.5 and 300 kg", "70 kg, were it in grams"]),
        (330, 45, ["patient.weight", "149.7 kg, were it in pounds"]),
        (0.07, 45, ["patient.weight", "between 2.5 and 300"]),
        (-70, 45, ["patient.weight"]),
        (float("nan"), 45, ["patient.weight"]),
        (70, 540, ["patient.age", "45 years", "540 months"]),
        (70, -1, ["patient.age"]),
        (70, float("nan"), ["patient.age"]),
        (1, 540, ["patient.weight", "patient.age", "2 problems"]),
    ],
)
def test_impossible_persons_are_refused(weight, age, words):
    refused(infusion("0.3 mg/kg/h"), weight=weight, age=age, words=words)


@pytest.mark.parametrize(
    ("weight", "age", "words"),
    [
        (170, 45, "77.11 kg, were it in pounds"),
        (25, 70, "weight and age swapped (70 kg, 25 years)"),
        (20, 29, "check the weight"),
        (30, 12, "for adults, from 18 years"),
        (70, 4.5, "is the age in years"),
    ],
)
def test_unusual_persons_are_warned_of(weight, age, words):
    (warning,) = check(infusion("0.1 mg/kg/h"), weight=weight, age=age)
    assert words in str(warning)
    assert warning.quantity == "person"


def test_anaesthetic_rates_load_only_in_intensive_care():
    dose = infusion("1.2 mg/kg/h")
    refused(dose, words=['only with setting = "icu"'])
    refused(dose, setting="monitored", words=['only with setting = "icu"'])
    assert check(dose, setting="icu") == []
    refused(infusion("100 mg/kg/h"), setting="icu", words=["No setting allows"])


def test_s_ketamine_has_limits_of_its_own():
    assert check(infusion("0.3 mg/kg/h")) == []
    (warning,) = check(infusion("0.3 mg/kg/h", enantiomer="S"))
    assert 'and not enantiomer = "racemic"' in warning.remedy


def test_r_ketamine_keeps_the_limits_of_the_racemate():
    assert check(infusion("0.3 mg/kg/h", enantiomer="R")) == []


def test_hydrochloride_is_judged_as_base():
    refused(infusion("1.1 mg/kg/h"))
    assert check(infusion("1.1 mg/kg/h", form="hydrochloride"))


def test_a_light_patient_is_judged_by_the_own_weight_a_heavy_one_as_seventy_kilograms():
    dose = infusion("60 mg/h")
    refused(dose, weight=45)
    (warning,) = check(dose, weight=120)
    assert "24.5 mg/h for 70 kg" in warning.rule
    assert check(dose, weight=None) == check(dose, weight=70)


def test_a_titration_is_judged_at_its_ceiling():
    climb = {**S, "start_rate": "2 mg/h", "step": "2 mg/h", "every": "1 h", "duration": "3 h"}
    refused(Titration(**climb, ceiling="40 mg/h"), words=["doses[0].ceiling", "rate is 0.571 mg/kg/h"])
    assert check(Titration(**climb, ceiling="10 mg/h")) == []


def test_overlapping_doses_are_judged_together():
    two = infusion("0.6 mg/kg/h"), infusion("0.6 mg/kg/h", start="1 h")
    refused(*two, words=["doses = '2 doses'", "rate is 1.2 mg/kg/h", "give less, or further apart"])
    assert len(check(infusion("0.2 mg/kg/h"), infusion("0.2 mg/kg/h", start="1 h"))) == 1


def test_racemate_and_s_ketamine_use_up_one_limit():
    both = infusion("0.6 mg/kg/h"), infusion("0.3 mg/kg/h", enantiomer="S")
    refused(*both, words=["1.2 times the hard limit, racemate and S-ketamine together"])


def test_a_train_of_boluses_is_no_way_around_the_rate():
    train = Bolus(**RACEMIC, amount="0.25 mg/kg", repeat={"count": 12, "every": "11 min"})
    refused(train, words=["amount within an hour"])
    pieces = Infusion(**RACEMIC, amount="0.3 mg/kg", duration="10 min", repeat={"count": 6, "every": "10 min"})
    refused(pieces)


def test_two_boluses_in_a_few_minutes_are_one():
    twice = Bolus(**RACEMIC, amount="0.2 mg/kg", repeat={"count": 2, "every": "5 min"})
    refused(twice, words=["given at once is 0.4 mg/kg"])


def test_a_bolus_once_a_day_is_not_two_a_day():
    assert check(Bolus(**RACEMIC, amount="0.25 mg/kg").daily(30)) == []


def test_a_day_has_a_limit_of_its_own():
    evening = infusion("0.34 mg/kg/h", duration="12 h"), Bolus(**RACEMIC, amount="0.2 mg/kg")
    assert check(*evening) == []
    long = Infusion(**RACEMIC, rate="0.35 mg/kg/h", duration="25 h")
    assert [w.quantity for w in check(long, Bolus(**RACEMIC, amount="0.2 mg/kg"))] == ["day"]
    refused(infusion("0.6 mg/kg/h", duration="24 h"), words=["amount within a day is 14.4 mg/kg"])


def test_a_titration_that_is_the_published_trial_loads_when_monitored():
    dose = Titration(
        **S,
        start_rate="1.2 ug/kg/min",
        step="0.6 ug/kg/min",
        ceiling="7.2 ug/kg/min",
        every="8 h",
        duration="100 h",
    )
    assert {w.quantity for w in check(dose, setting="monitored")} == {"day"}
    refused(dose)


def test_next_to_nothing_is_warned_of():
    (warning,) = check(infusion("20 ug/h"))
    assert "next to nothing" in warning.rule
    assert "ug" in warning.remedy
    assert check(infusion("0 mg/h")) == []


def test_all_unsafe_doses_are_listed_at_once():
    error = refused(infusion("20 mg/kg/h"), Bolus(**S, amount="20 mg/kg", start="24 h"), age=900)
    assert [p.field for p in error.problems] == ["patient.age", "doses[0].rate", "doses[1].amount"]
