"""Doses per kilogram of an ideal, a lean or an adjusted body."""

import math

import pytest

from unwound.core.errors import InputError, ProtocolError, UnsafeDose
from unwound.patient.divergence import doses_of
from unwound.patient.protocol import Person, Protocol
from unwound.regimen import (
    Bolus,
    Infusion,
    Regimen,
    Titration,
    check_limits,
    compile_regimen,
    dosing_weight,
    for_person,
    total_mg,
)

KETAMINE = {"drug": "ketamine", "enantiomer": "S"}
MAN = Person(weight="110 kg", height="178 cm", sex="male", age="40 y")
WOMAN = Person(weight="48 kg", height="172 cm", sex="female", age="40 y")


def infusion(amount="0.5 mg/kg", basis="lean", **more):
    return Infusion(**KETAMINE, amount=amount, duration="40 min", weight_basis=basis, **more)


def regimen(*doses):
    return Regimen(setting="monitored", doses=doses)


def given_mg(person, plan):
    return sum(dose.amount for dose in doses_of(person.dosed(plan), person.weight_kg))


def test_weights_are_those_of_the_formulas_by_hand():
    index = 110 / 1.78**2
    assert dosing_weight("lean", 110, 178, "male") == pytest.approx(9270 * 110 / (6680 + 216 * index), rel=1e-12)
    assert dosing_weight("lean", 48, 172, "female") == pytest.approx(9270 * 48 / (8780 + 244 * 48 / 1.72**2), rel=1e-12)
    ideal = 50 + 2.3 * (178 / 2.54 - 60)
    assert dosing_weight("ideal", 110, 178, "male") == pytest.approx(ideal, rel=1e-12)
    assert dosing_weight("ideal", 60, 152.4, "female") == pytest.approx(45.5, rel=1e-12)
    assert dosing_weight("adjusted", 110, 178, "male") == pytest.approx(ideal + 0.4 * (110 - ideal), rel=1e-12)
    assert dosing_weight("actual", 110) == 110
    assert dosing_weight("lean", 110, 178, "male") == pytest.approx(72, abs=0.2)


@pytest.mark.parametrize("basis", ["actual", "ideal", "lean", "adjusted"])
def test_a_dose_per_kg_is_the_milligrams_computed_by_hand(basis):
    kilograms = dosing_weight(basis, 110, 178, "male")
    plan = regimen(infusion(basis=basis), Bolus(**KETAMINE, amount="10 mg", start="2 h"))
    assert given_mg(MAN, plan) == pytest.approx(0.5 * kilograms + 10, rel=1e-12)
    assert total_mg(compile_regimen(MAN.dosed(plan)), 110)["S"] == pytest.approx(0.5 * kilograms + 10, rel=1e-12)
    rounded = plan.rounded(weight="110 kg", height="178 cm", sex="male")
    assert given_mg(Person(), rounded) == pytest.approx(0.5 * kilograms + 10, abs=0.1)
    assert given_mg(Person(), rounded) <= 0.5 * kilograms + 10


def test_a_rate_per_70_kg_is_per_70_kg_of_the_same_weight():
    slow = Infusion(**KETAMINE, rate="20 mg/h/70kg", duration="2 h", weight_basis="lean")
    assert given_mg(MAN, regimen(slow)) == pytest.approx(40 * dosing_weight("lean", 110, 178, "male") / 70, rel=1e-12)
    heavy = Infusion(**KETAMINE, rate="20 mg/h/70kg", duration="2 h")
    assert given_mg(MAN, regimen(heavy)) == pytest.approx(40 * 110 / 70, rel=1e-12)


def test_a_titration_climbs_per_kg_of_that_weight():
    climb = Titration(
        **KETAMINE, start_rate="0.1 mg/kg/h", step="0.1 mg/kg/h", ceiling="0.3 mg/kg/h", every="1 h", duration="3 h",
        weight_basis="ideal",
    )  # fmt: skip
    assert given_mg(MAN, regimen(climb)) == pytest.approx(0.6 * dosing_weight("ideal", 110, 178, "male"), rel=1e-12)


def test_what_is_missing_is_named_all_at_once_and_nothing_is_assumed():
    plan = regimen(infusion(), infusion(basis="ideal", start="5 h"))
    with pytest.raises(InputError, match=r"patient\.height.*lean") as caught:
        Person(weight="110 kg").dosed(plan)
    assert [problem.field for problem in caught.value.problems] == ["patient.height", "patient.sex"]
    with pytest.raises(InputError, match="between 100 and 230 cm"):
        Person(weight="110 kg", height="75 cm", sex="male").dosed(plan)
    with pytest.raises(ProtocolError, match=r"patient\.height.*height = .* and write sex"):
        Protocol.from_dict({"doses": [infusion().model_dump(mode="json", exclude_none=True)]})
    with pytest.raises(InputError, match=r"patient\.weight"):
        check_limits(plan, None, 40, 178, "male")


def test_a_dose_that_is_not_per_kg_has_no_weight_basis():
    with pytest.raises(InputError, match=r"weight_basis.*not per kg"):
        infusion("35 mg")
    with pytest.raises(InputError, match="weight_basis"):
        infusion(basis="fat")


def test_where_only_weight_is_known_other_weights_are_refused():
    plan = regimen(infusion())
    for engine in (compile_regimen, lambda plan: doses_of(plan, 110.0)):
        with pytest.raises(ProtocolError, match=r"doses\[0\]\.weight_basis = 'lean'.*per kg of actual weight"):
            engine(plan)


def test_the_sentence_and_the_file_say_which_kilograms():
    plan = regimen(infusion(basis="ideal"))
    assert plan.describe() == ["S-ketamine 0.5 mg/kg over 40 min, kg of ideal body weight, intravenous, at 0 h"]
    assert Regimen.from_toml_text(plan.to_toml()) == plan
    (cut,) = plan.truncate("20 min").doses
    assert (cut.weight_basis, cut.amount.value) == ("ideal", 0.25)
    assert "body weight" not in regimen(infusion(basis="actual")).describe()[0]
    assert MAN.dosing_notes(plan) == ["doses per kg of ideal body weight: 73.18 kg (actual 110 kg)"]


def test_limits_hold_as_written_and_per_actual_kg():
    """A thin tall person: her ideal weight is above her actual one, so the dose per actual kg is the larger."""
    ratio = dosing_weight("ideal", 48, 172, "female") / 48
    assert ratio > 1.2
    assert not _refused(WOMAN, 0.6, "actual")  # 0.9 mg/kg/h, hard limit 1
    with pytest.raises(UnsafeDose, match=rf"0.6 mg/kg of ideal weight, {0.6 * ratio:.4g} mg/kg of actual.*hard limit"):
        WOMAN.limit_warnings(regimen(infusion("0.6 mg/kg", "ideal")))
    assert not _refused(WOMAN, 0.6 / ratio, "ideal")
    assert _refused(MAN, 0.7, "lean")  # 0.7 of actual weight by the hour, and yet above the limit as written
    assert not _refused(MAN, 0.6, "lean")


def _refused(person, amount, basis):
    try:
        person.limit_warnings(regimen(infusion(f"{amount} mg/kg", basis)))
    except UnsafeDose:
        return True
    return False


def test_for_one_person_the_regimen_is_per_actual_kg_and_stays_as_it_is_without_another_weight():
    plan = regimen(infusion())
    own = for_person(plan, 110, 178, "male")
    assert own.doses[0].weight_basis == "actual"
    assert math.isclose(own.doses[0].amount.value * 110, 0.5 * dosing_weight("lean", 110, 178, "male"))
    assert for_person(own, 110) is own
