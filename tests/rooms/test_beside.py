"""Drugs beside ketamine, as doses: what is read, what they come to, and what they do to the acute effects."""

import numpy as np
import pytest

from unwound.core.errors import InputError, ProtocolError
from unwound.evidence import value
from unwound.patient.acute import NO_C50, acute_course
from unwound.patient.beside import CoMedication, exposures, spoken
from unwound.patient.divergence import covariates_of
from unwound.patient.protocol import Person, Protocol
from unwound.pharmacokinetics.partners import PartnerDose, partner_concentrations
from unwound.regimen import Regimen
from unwound.regimen.short import parse_short_dose

ADULT = Person(weight="70 kg", age="40 y", sex="male")
WOMAN = Person(weight="70 kg", age="40 y", sex="female")
AT = np.linspace(0.0, 4.0, 81)
DRIP = Regimen(setting="monitored", doses=(parse_short_dose("20 mg over 40 min", "ketamine", "S"),))


def course(*beside, person=ADULT, regimen=DRIP, **how):
    return acute_course(regimen, person, "otto2021", at=AT, beside=beside, **how)


# ------------------------------------------------------------------------------------------------- what is read


@pytest.mark.parametrize(
    ("text", "dose"),
    [
        ("2 mg", PartnerDose(0.0, 2.0)),
        ("2 mg at 1 h", PartnerDose(1.0, 2.0)),
        ("2 mg at -30 min", PartnerDose(-0.5, 2.0)),
        ("2 mg 30 min before", PartnerDose(-0.5, 2.0)),
        ("0.05 mg/kg over 10 min", PartnerDose(0.0, 3.5, 1 / 6)),
        ("1 mg/h for 3 h at 1 h", PartnerDose(1.0, 3.0, 3.0)),
        ("500 ug", PartnerDose(0.0, 0.5)),
    ],
)
def test_a_dose_is_read_as_people_say_it(text, dose):
    found = spoken("midazolam", text).given(70.0)
    assert (found.start, found.amount, found.duration) == pytest.approx((dose.start, dose.amount, dose.duration))
    assert found.route == "intravenous"


def test_a_tablet_before_the_session_and_a_level():
    tablet = spoken("lorazepam", "2 mg by mouth 2 h before")
    assert tablet.given(70.0) == PartnerDose(-2.0, 2.0, 0.0, "oral")
    assert spoken("midazolam", "30 ng/mL").level.value == 30.0


@pytest.mark.parametrize(
    ("drug", "text", "words"),
    [
        ("midazolam", "2", "is no dose to be read"),
        ("midazolam", "2 mg/h", "is no dose to be read"),
        ("midazolam", "lots", "is no dose to be read"),
        ("midazolam", "", "no dose and no level"),
        ("midazolam", "2 mg by mouth", "no oral input"),
        ("midazolam", "2 mg at noon", "start"),
        ("remifentanil", "0.1 mg", "no kinetics of remifentanil"),
        ("midazolan", "2 mg", "midazolam"),
    ],
)
def test_what_is_no_dose_is_refused(drug, text, words):
    with pytest.raises(InputError, match=words):
        spoken(drug, text)


def test_ten_times_a_usual_dose_is_a_slip_and_a_large_one_warns():
    with pytest.raises(InputError, match="look at the unit"):
        course(spoken("fentanyl", "100 mg"), opioid_c50_ng_per_ml=1.0)
    assert any("above the largest usual dose" in w for w in course(spoken("midazolam", "20 mg")).warnings)
    assert not any("largest usual dose" in w for w in course(spoken("midazolam", "2 mg")).warnings)
    assert not any("largest usual dose" in w for w in course(spoken("midazolam", "4 mg/h for 10 h")).warnings)


def test_a_protocol_holds_them_and_lists_every_problem():
    dose = {"kind": "bolus", "drug": "ketamine", "enantiomer": "S", "amount": "5 mg"}
    good = [{"drug": "Midazolam", "dose": "2 mg", "start": "-15 min"}, {"drug": "rifampicin"}]
    protocol = Protocol.from_dict({"doses": [dose], "co_medication": good})
    assert [str(one) for one in protocol.co_medication] == ["midazolam 2 mg, at -15 min", "rifampicin"]
    assert Protocol.from_dict(protocol.to_dict()) == protocol
    bad = [{"drug": "midazolan"}, {"drug": "midazolam", "dose": "2 mg", "level": "3 ng/mL"}]
    bad += [{"drug": "rifampicin", "dose": "600 mg"}]
    with pytest.raises(ProtocolError) as caught:
        Protocol.from_dict({"doses": [dose], "co_medication": bad})
    text = str(caught.value)
    assert all(f"co_medication[{n}]" in text for n in range(3))
    assert "both dose and level" in text
    assert "no kinetics of rifampicin" in text


# ------------------------------------------------------------------------------------------------ what it comes to


def test_what_acts_is_the_effect_site_where_there_is_one():
    who = covariates_of(ADULT)
    (midazolam,) = exposures([spoken("midazolam", "2 mg")], who, 70.0, AT)
    own = partner_concentrations("midazolam", [PartnerDose(0.0, 2.0)], who, AT)
    np.testing.assert_allclose(midazolam.ng_per_ml, own.effect, atol=1e-12)
    assert midazolam.where == "effect site"
    (lorazepam,) = exposures([spoken("lorazepam", "2 mg")], who, 70.0, AT)
    assert lorazepam.where == "plasma"


def test_a_dose_before_the_first_of_ketamine_is_the_same_dose_earlier():
    who = covariates_of(ADULT)
    (before,) = exposures([spoken("midazolam", "2 mg 1 h before")], who, 70.0, AT)
    (now,) = exposures([spoken("midazolam", "2 mg")], who, 70.0, AT + 1.0)
    np.testing.assert_allclose(before.ng_per_ml, now.ng_per_ml, rtol=1e-9)


def test_doses_add_up_and_a_level_stands_alone():
    who = covariates_of(ADULT)
    texts = ("1 mg", "1 mg at 1 h")
    (both,) = exposures([spoken("midazolam", text) for text in texts], who, 70.0, AT)
    alone = [exposures([spoken("midazolam", text)], who, 70.0, AT)[0].ng_per_ml for text in texts]
    np.testing.assert_allclose(both.ng_per_ml, sum(alone), rtol=1e-9, atol=1e-12)
    with pytest.raises(InputError, match="constant level stands beside"):
        exposures([spoken("midazolam", "30 ng/mL"), spoken("midazolam", "1 mg")], who, 70.0, AT)


# ------------------------------------------------------------------------------------------------------- what it does


def test_midazolam_takes_perception_while_it_is_there_and_adds_sedation():
    without, with_it = course(), course(spoken("midazolam", "2 mg at 20 min"))
    before, after = AT < 1 / 3 - 1e-9, AT > 0.45
    for name in ("high", "dissociation_reported", "sedated"):
        np.testing.assert_allclose(with_it.effects[name][before], without.effects[name][before], rtol=1e-9)
    assert (with_it.effects["high"][after] < without.effects["high"][after]).all()
    assert (with_it.effects["sedated"][after] > without.effects["sedated"][after]).all()
    assert with_it.effects["amnesia"][-1] > without.effects["amnesia"][-1]
    np.testing.assert_array_equal(with_it.effects["nausea"], without.effects["nausea"])


def test_what_was_reported_is_not_taken_back_by_a_later_benzodiazepine():
    late = course(spoken("midazolam", "5 mg at 1 h"))
    for name in ("dissociation_reported", "dissociation_on_scale", "somnolence", "amnesia"):
        assert (np.diff(late.effects[name]) >= 0).all()
    early = AT < 1.0
    np.testing.assert_allclose(
        late.effects["dissociation_reported"][early], course().effects["dissociation_reported"][early], rtol=1e-9
    )


def test_the_level_of_the_study_as_an_infusion_at_steady_state_is_the_level():
    """30 ng/mL of midazolam [CL 0.399 L/min]: 0.7182 mg/h for so long that nothing changes any more."""
    level = course(spoken("midazolam", "30 ng/mL")).effects
    clearance = value("midazolam.clearance", "L/h")
    drip = CoMedication(drug="midazolam", dose=f"{30.0 * clearance / 1000.0!r} mg/h for 700 h", start="-600 h")
    for name, values in course(drip).effects.items():
        np.testing.assert_allclose(values, level[name], rtol=1e-4, err_msg=name)


def test_lorazepam_counts_by_its_recalled_potency():
    one, two = course(spoken("lorazepam", "10 ng/mL")), course(spoken("midazolam", "20 ng/mL"))
    np.testing.assert_allclose(one.effects["high"], two.effects["high"], rtol=1e-12)
    assert any("recalled (assumed)" in warning for warning in one.warnings)


def test_an_opioid_needs_a_c50_which_nobody_recorded():
    unheard = course(spoken("morphine", "10 mg"))
    assert f"morphine: {NO_C50}" in unheard.warnings
    np.testing.assert_array_equal(unheard.effects["co2_sensitivity"], 1.0)
    heard = course(spoken("morphine", "10 mg"), opioid_c50_ng_per_ml=30.0)
    (morphine,) = heard.beside
    expected = 1.0 / (1.0 + morphine.ng_per_ml[:, 0] / 30.0 / heard.effects["opioid_shift"])
    np.testing.assert_allclose(heard.effects["co2_sensitivity"], expected, rtol=1e-9)
    assert any("measured with remifentanil only" in warning for warning in heard.warnings)


def test_morphine_depresses_women_later_than_men():
    man, woman = (course(spoken("morphine", "10 mg"), opioid_c50_ng_per_ml=30.0, person=who) for who in (ADULT, WOMAN))
    early = (AT > 0.2) & (AT < 1.0)
    assert (woman.effects["co2_sensitivity"][early] > man.effects["co2_sensitivity"][early]).all()


@pytest.mark.parametrize("how", [{"opioid": 1.0}, {}])
def test_a_c50_belongs_to_one_opioid(how):
    given = (spoken("morphine", "10 mg"),) if how else ()
    with pytest.raises(InputError, match="belongs to one opioid"):
        course(*given, opioid_c50_ng_per_ml=30.0, **how)


def test_other_drugs_bring_their_cautions_and_change_nothing():
    other = course(spoken("ondansetron", "4 mg"), CoMedication(drug="lamotrigine"))
    for name, values in course().effects.items():
        np.testing.assert_array_equal(other.effects[name], values)
    assert any(warning.startswith("ondansetron: its concentration is computed") for warning in other.warnings)
    assert any("amotrigine" in warning for warning in other.warnings)


@pytest.mark.parametrize(
    ("text", "marked"), [("0.24 mg/kg", False), ("0.4 mg/kg", True), ("0.4 mg/kg over 2 min", False)]
)
def test_a_fast_bolus_warns_of_breathing(text, marked):
    regimen = Regimen(setting="icu", doses=(parse_short_dose(text, "ketamine", "S"),))
    found = course(regimen=regimen).warnings
    assert any("can stop breathing" in warning for warning in found) == marked
