"""One dose under many models, effect sites behind them, and what a person feels."""

import numpy as np
import pytest

from unwound.core.arrays import jnp
from unwound.core.errors import InputError, UnknownName
from unwound.patient import Person
from unwound.patient.acute import acute_course
from unwound.patient.divergence import covariates_of, diverge, doses_of
from unwound.pharmacokinetics import concentrations, exposure_of
from unwound.pharmacokinetics.curves import Given, curves
from unwound.pharmacokinetics.register import routed_model
from unwound.regimen import Regimen, Titration
from unwound.regimen.short import parse_short_dose

PERSON = Person(weight="70 kg", age="45 y")


def regimen(text, enantiomer="S", route="intravenous"):
    return Regimen(setting="monitored", doses=(parse_short_dose(text, "ketamine", enantiomer, route),))


@pytest.fixture(scope="module")
def long_infusion():
    return diverge(regimen("20 mg/h for 100 h"), PERSON, people=40)


def test_models_of_the_racemate_are_not_eligible_for_s_ketamine_and_say_so(long_infusion):
    assert {"domino1984", "herd2007"} <= set(long_infusion.not_eligible)
    assert "not S-ketamine" in long_infusion.not_eligible["domino1984"]
    assert {"otto2021", "perezruixo2021", "simons2022", "kamp2020"} <= {c.model for c in long_infusion.curves}


def test_the_plateau_is_rate_over_clearance(long_infusion):
    otto = next(c for c in long_infusion.curves if (c.model, c.analyte) == ("otto2021", "S-ketamine"))
    assert otto.cmax_ng_per_mL == pytest.approx(1000 * 20 / 95.2, rel=2e-3)
    assert otto.auc_ng_h_per_mL == pytest.approx(1000 * 2000 / 95.2, rel=2e-3)
    assert otto.tmax_h == 100.0
    assert (otto.low_ng_per_mL <= otto.high_ng_per_mL).all()


def test_arterial_and_venous_are_never_averaged_together(long_infusion):
    sites = {c.model: c.site for c in long_infusion.curves}
    for mean in long_infusion.averages:
        members = mean.model.removeprefix("mean of ").split(", ")
        assert {sites[member] for member in members} == {mean.site}
        assert mean.site != "unstated"


def test_a_curve_outside_its_envelope_carries_a_warning(long_infusion):
    simons = next(c for c in long_infusion.curves if c.model == "simons2022")
    assert any("age 45 y is outside its data" in text for text in simons.warnings)


def test_one_model_asked_for_by_name_that_cannot_answer_is_an_error():
    with pytest.raises(InputError, match="describes racemic only"):
        diverge(regimen("20 mg"), PERSON, ["domino1984"], people=0)
    with pytest.raises(InputError, match="no nasal input"):
        diverge(regimen("28 mg", route="nasal"), PERSON, ["simons2022"], people=0)


def test_an_inducer_adds_a_curve_per_rival_reading_and_an_unknown_drug_is_refused():
    found = diverge(regimen("35 mg", route="oral"), PERSON, ["perezruixo2021"], people=0, beside=["rifampicin"])
    areas = {c.model: c.auc_ng_h_per_mL for c in found.curves if c.analyte == "S-ketamine"}
    assert len(areas) == 3
    assert all(area < 0.2 * areas["perezruixo2021"] for name, area in areas.items() if "+" in name)
    with pytest.raises(UnknownName, match="rifampicin"):
        diverge(regimen("35 mg", route="oral"), PERSON, ["perezruixo2021"], people=0, beside=["rifampicn"])


def test_a_titration_is_drawn_as_if_every_step_were_tolerated():
    dose = Titration(
        drug="ketamine", enantiomer="S", start_rate="5 mg/h", step="5 mg/h", ceiling="15 mg/h", every="10 h",
        duration="35 h",
    )  # fmt: skip
    given = doses_of(Regimen(setting="monitored", doses=(dose,)), 70.0)
    assert [(d.start, d.duration, d.amount) for d in given] == [(0, 10, 50), (10, 10, 100), (20, 10, 150), (30, 5, 75)]


def test_an_effect_site_behind_the_matrix_is_the_follower_behind_the_modes():
    model, at, ke0 = routed_model("otto2021"), np.array([0.2, 0.5, 1.0, 4.0]), 3.0
    given = [Given(0.0, 35.0, 0.5, "S", "intravenous")]
    eta = jnp.zeros((4, 1))
    site = curves(model, given, covariates_of(PERSON), eta, at, {"fast": ke0}).sites["fast"]["S-ketamine"]
    exposure = exposure_of(model.model.individual(jnp.array([70.0]), eta), jnp.array([ke0]))
    rates = np.full((1, 1), 70.0)
    _, followers = concentrations(exposure, np.array([0.0, 0.5]), rates, np.zeros((1, 1)), at)
    np.testing.assert_allclose(site[:, 0], 1000.0 * np.asarray(followers)[:, -1, 0], rtol=1e-10)


def test_acute_effects_rise_with_the_drug_and_leave_with_it():
    at = np.array([0.0, 2 / 3, 24.0])
    course = acute_course(regimen("0.5 mg/kg over 40 min", "racemic"), PERSON, "kamp2020", at=at)
    start, peak, late = (course.effects["high"][n] for n in range(3))
    assert start == pytest.approx(0.0, abs=1e-9)
    assert peak > 5.0
    assert late < 0.3
    assert course.effects["dissociation_on_scale"][1] > course.effects["dissociation_reported"][1]
    assert not course.effects["ready"][1]
    assert course.effects["ready"][2]
    assert any("delay of the effect site" in text for text in course.warnings)
    assert "kamp2020.clearance_s" in course.keys


def test_total_ketamine_gives_no_effects_because_they_need_the_enantiomers_apart():
    with pytest.raises(InputError, match="S and R apart"):
        acute_course(regimen("35 mg over 40 min", "racemic"), PERSON, "domino1984", at=np.array([0.0, 1.0]))
